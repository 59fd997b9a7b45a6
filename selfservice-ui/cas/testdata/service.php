<?php
// A service that signs people in with phpCAS, unmodified, from Debian's package php-cas.
require getenv('PHPCAS');

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
