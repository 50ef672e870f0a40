"""Makes SAML responses with pysaml2 (and xmlsec1), one for each order on standard input."""
import base64
import json
import os
import sys
import tempfile

from saml2 import BINDING_HTTP_REDIRECT, saml
from saml2.config import IdPConfig
from saml2.server import Server
from saml2.xmldsig import DIGEST_SHA1, DIGEST_SHA256, SIG_RSA_SHA1, SIG_RSA_SHA256

SP = """<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{audience}"><md:SPSSODescriptor
 protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:AssertionConsumerService index="0"
 Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{recipient}"/></md:SPSSODescriptor></md:EntityDescriptor>"""


def answer(order, folder):
    def keep(name, text):
        path = os.path.join(folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    sp = order["metadata"] or SP.format(audience=order["audience"], recipient=order["recipient"])
    config = IdPConfig()
    config.load({
        "entityid": order["issuer"],
        "service": {"idp": {
            "endpoints": {"single_sign_on_service": [(order["issuer"] + "/sso", BINDING_HTTP_REDIRECT)]},
            "policy": {"default": {"lifetime": {"minutes": 5}, "attribute_restrictions": None,
                                   "name_form": "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"}},
        }},
        "key_file": keep("key.pem", order["key"]),
        "cert_file": keep("certificate.pem", order["certificate"]),
        "metadata": {"local": [keep("sp.xml", sp)]},
        "xmlsec_binary": "/usr/bin/xmlsec1",
        "attribute_map_dir": keep_maps(folder, order["attributes"]),
    })
    idp = Server(config=config)
    response = idp.create_authn_response(
        identity=order["attributes"],
        in_response_to=order["request"] or None,
        destination=order["destination"],
        sp_entity_id=order["audience"],
        name_id=saml.NameID(format=order["format"], text=order["name"]),
        authn={"class_ref": "urn:oasis:names:tc:SAML:2.0:ac:classes:Password", "authn_auth": order["issuer"]},
        sign_response="response" in order["sign"],
        sign_assertion="assertion" in order["sign"],
        session_not_on_or_after=order["sessionEnds"] or None,
        encrypt_assertion=False,
        sign_alg=SIG_RSA_SHA1 if order["sha1"] else SIG_RSA_SHA256,
        digest_alg=DIGEST_SHA1 if order["sha1"] else DIGEST_SHA256,
    )
    return base64.b64encode(str(response).encode()).decode()


def keep_maps(folder, names):
    """Attributes go out under the names that they have."""
    maps = os.path.join(folder, "maps")
    os.makedirs(maps, exist_ok=True)
    table = {name: name for name in names}
    with open(os.path.join(maps, "basic.py"), "w") as file:
        file.write("MAP = {'identifier': 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic', 'fro': %r, 'to': %r}\n" % (table, table))
    return maps


out = []
for one in json.load(sys.stdin):
    with tempfile.TemporaryDirectory() as made:
        out.append(answer(one, made))
json.dump(out, sys.stdout)
