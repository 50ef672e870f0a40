"""Does with pysaml2 what a provider does beside answering: one for each task on standard input."""
import base64
import json
import os
import sys
import tempfile
from urllib.parse import parse_qsl, urlsplit

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, saml
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor, sign_entity_descriptor
from saml2.server import Server
from saml2.sigver import verify_redirect_signature
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

BINDINGS = {"HTTP-Redirect": BINDING_HTTP_REDIRECT, "HTTP-POST": BINDING_HTTP_POST}


def server(task, folder):
    def keep(name, text):
        path = os.path.join(folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    logout = task["issuer"] + "/slo"
    config = IdPConfig()
    settings = {
        "entityid": task["issuer"],
        "service": {"idp": {"endpoints": {
            "single_sign_on_service": [(task["issuer"] + "/sso", BINDING_HTTP_REDIRECT)],
            "single_logout_service": [(logout, BINDING_HTTP_REDIRECT), (logout, BINDING_HTTP_POST)],
        }}},
        "key_file": keep("key.pem", task["key"]),
        "cert_file": keep("certificate.pem", task["certificate"]),
        "additional_cert_files": [keep("more%d.pem" % i, text) for i, text in enumerate(task["more"] or [])],
        "xmlsec_binary": "/usr/bin/xmlsec1",
        "valid_for": 24,
    }
    if task["metadata"]:
        settings["metadata"] = {"local": [keep("sp.xml", task["metadata"])]}
    config.load(settings)
    return Server(config=config)


def certificates(idp, sp, use):
    """Later versions give each with the name of its key."""
    return [one if isinstance(one, str) else one[1] for one in idp.metadata.certs(sp, "spsso", use)]


def arrived(idp, task):
    """The parameters of an address, once their signature was found to be ours."""
    query = dict(parse_qsl(urlsplit(task["url"]).query))
    if task["signed"]:
        sp = next(iter(idp.metadata.keys()))
        if not any(verify_redirect_signature(query, idp.sec.sec_backend, one) for one in certificates(idp, sp, "signing")):
            raise ValueError("the signature does not hold")
    return query


def metadata(idp, task):
    entity = entity_descriptor(idp.config)
    if not task["signed"]:
        return {"xml": str(entity)}
    return {"xml": sign_entity_descriptor(entity, None, idp.sec, SIG_RSA_SHA256, DIGEST_SHA256)[1]}


def imported(idp, task):
    sp = next(iter(idp.metadata.keys()))
    logout = []
    for binding in BINDINGS.values():
        logout += [one["location"] for one in idp.metadata.single_logout_service(sp, binding, "spsso")]
    return {
        "entityID": sp,
        "acs": [one["location"] for one in idp.metadata.assertion_consumer_service(sp, BINDING_HTTP_POST)],
        "logout": logout,
        "certificates": certificates(idp, sp, "signing"),
        "encryption": len(certificates(idp, sp, "encryption")),
    }


def authn(idp, task):
    query = arrived(idp, task)
    request = idp.parse_authn_request(query["SAMLRequest"], BINDING_HTTP_REDIRECT).message
    return {"id": request.id, "issuer": request.issuer.text, "destination": request.destination,
            "assertionConsumerServiceURL": request.assertion_consumer_service_url, "forceAuthn": request.force_authn or ""}


def sent(idp, task, message, destination, **more):
    binding = BINDINGS[task["binding"]]
    if binding == BINDING_HTTP_POST:
        return {"field": base64.b64encode(str(message).encode()).decode(), "relayState": task["relayState"]}
    info = idp.apply_binding(binding, str(message), destination, task["relayState"], sign=True, sigalg=SIG_RSA_SHA256, **more)
    return {"url": dict(info["headers"])["Location"]}


def logout_request(idp, task):
    sp = next(iter(idp.metadata.keys()))
    destination = idp.metadata.single_logout_service(sp, BINDINGS[task["binding"]], "spsso")[0]["location"]
    _, request = idp.create_logout_request(
        destination, sp, name_id=saml.NameID(format=task["format"], text=task["name"]), session_indexes=[task["session"]],
        sign=task["binding"] == "HTTP-POST", sign_alg=SIG_RSA_SHA256, digest_alg=DIGEST_SHA256)
    return sent(idp, task, request, destination)


def answer(idp, task):
    query = arrived(idp, task)
    request = idp.parse_logout_request(query["SAMLRequest"], BINDING_HTTP_REDIRECT).message
    if request.name_id.text != task["name"] or request.session_index[0].text != task["session"]:
        raise ValueError("it is about somebody else")
    response = idp.create_logout_response(request, [BINDINGS[task["binding"]]], sign=task["binding"] == "HTTP-POST",
                                          sign_alg=SIG_RSA_SHA256, digest_alg=DIGEST_SHA256)
    destination = idp.metadata.single_logout_service(request.issuer.text, BINDINGS[task["binding"]], "spsso")[0]["location"]
    return sent(idp, task, response, destination, response=True)


def read_answer(idp, task):
    query = arrived(idp, task)
    response = idp.parse_logout_request_response(query["SAMLResponse"], BINDING_HTTP_REDIRECT).response
    return {"id": response.in_response_to, "body": response.status.status_code.value}


TASKS = {"metadata": metadata, "import": imported, "authn": authn, "logoutRequest": logout_request, "answer": answer,
         "readAnswer": read_answer}
out = []
for one in json.load(sys.stdin):
    with tempfile.TemporaryDirectory() as made:
        try:
            out.append(TASKS[one["do"]](server(one, made), one))
        except Exception as error:  # whatever it is, the test tells it
            out.append({"refused": repr(error)})
json.dump(out, sys.stdout)
