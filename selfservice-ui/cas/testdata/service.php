<?php
// A service that signs people in with phpCAS, unmodified, from Debian's package php-cas.
require_once 'CAS.php';

phpCAS::client(constant(getenv('CAS_VERSION_NAME')), '127.0.0.1', (int) getenv('CAS_PORT'), '/cas', getenv('SERVICE'));
phpCAS::setCasServerCACert(getenv('CAS_CA'));
phpCAS::handleLogoutRequests(false);
if (isset($_GET['passive'])) {
    $in = phpCAS::checkAuthentication();
} else {
    if (isset($_GET['anew'])) {
        phpCAS::renewAuthentication();
    } else {
        phpCAS::forceAuthentication();
    }
    $in = true;
}
header('Content-Type: application/json');
echo json_encode(['user' => $in ? phpCAS::getUser() : null, 'attributes' => (object) ($in ? phpCAS::getAttributes() : [])]);
