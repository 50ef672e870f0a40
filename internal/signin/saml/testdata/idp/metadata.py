"""Writes pysaml2's metadata of an identity provider with two certificates, signed when asked."""
import json
import os
import sys
import tempfile

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor, sign_entity_descriptor
from saml2.sigver import security_context
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

order = json.load(sys.stdin)
with tempfile.TemporaryDirectory() as folder:
    def keep(name, text):
        path = os.path.join(folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    config = IdPConfig()
    config.load({
        "entityid": order["issuer"],
        "service": {"idp": {
            "want_authn_requests_signed": True,
            "endpoints": {
                "single_sign_on_service": [(order["issuer"] + "/post", BINDING_HTTP_POST), (order["issuer"] + "/sso", BINDING_HTTP_REDIRECT)],
                "single_logout_service": [(order["issuer"] + "/slo", BINDING_HTTP_REDIRECT)],
            },
        }},
        "key_file": keep("key.pem", order["key"]),
        "cert_file": keep("certificate.pem", order["certificate"]),
        "additional_cert_files": [keep("next.pem", order["next"])],
        "xmlsec_binary": "/usr/bin/xmlsec1",
        "valid_for": 24,
    })
    config.context = "idp"
    entity = entity_descriptor(config)
    if order["sign"]:
        entity, text = sign_entity_descriptor(entity, None, security_context(config), SIG_RSA_SHA256, DIGEST_SHA256)
        sys.stdout.write(text if isinstance(text, str) else text.decode())
    else:
        sys.stdout.write(str(entity))
