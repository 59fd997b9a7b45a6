<?php
require_once 'CAS.php';

phpCAS::client(CAS_VERSION_3_0, 'efpconnect.example.test', 443, '/cas', 'https://formation.example.test');
phpCAS::setCasServerCACert('/etc/ssl/certs/ca-certificates.crt');
phpCAS::handleLogoutRequests(false);
