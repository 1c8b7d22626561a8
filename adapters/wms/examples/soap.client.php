<?php
// php soap.client.php <wsdl> <user> <password> <operation> <file with its content as JSON>
[, $wsdl, $user, $password, $operation, $file] = $argv;

function securityHeader(string $user, string $password): SoapHeader
{
    $wss = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss';
    $nonce = random_bytes(16);
    $created = gmdate('Y-m-d\TH:i:s\Z');
    $digest = base64_encode(sha1($nonce . $created . $password, true));
    $xml = '<wsse:Security xmlns:wsse="' . $wss . '-wssecurity-secext-1.0.xsd" xmlns:wsu="' . $wss . '-wssecurity-utility-1.0.xsd">'
        . '<wsse:UsernameToken><wsse:Username>' . htmlspecialchars($user, ENT_XML1) . '</wsse:Username>'
        . '<wsse:Password Type="' . $wss . '-username-token-profile-1.0#PasswordDigest">' . $digest . '</wsse:Password>'
        . '<wsse:Nonce EncodingType="' . $wss . '-soap-message-security-1.0#Base64Binary">' . base64_encode($nonce) . '</wsse:Nonce>'
        . '<wsu:Created>' . $created . '</wsu:Created></wsse:UsernameToken></wsse:Security>';
    return new SoapHeader($wss . '-wssecurity-secext-1.0.xsd', 'Security', new SoapVar($xml, XSD_ANYXML));
}

$client = new SoapClient($wsdl, ['cache_wsdl' => WSDL_CACHE_NONE, 'exceptions' => true]);
$client->__setSoapHeaders([securityHeader($user, $password)]); // Anew for each call.
try {
    $answer = $client->__soapCall($operation, [json_decode(file_get_contents($file), true)]);
    echo json_encode(['result' => $answer->result]), "\n";
} catch (SoapFault $fault) {
    $problem = $fault->detail->problem; // Its text says where; PHP leaves out attributes.
    echo json_encode(['fault' => $fault->faultcode, 'code' => $problem->code, 'retryable' => $problem->retryable === 'true', 'detail' => $problem->detail]), "\n";
}
