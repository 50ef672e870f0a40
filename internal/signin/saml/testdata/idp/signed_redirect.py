"""Has pysaml2 verify the signature of a redirect, with one certificate after the other."""
import sys
from urllib.parse import parse_qs, urlsplit

from saml2.sigver import RSACrypto, verify_redirect_signature

address, kind, *certificates = sys.argv[1:]
query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
wanted = {name: query[name] for name in (kind, "RelayState", "SigAlg", "Signature") if name in query}
said = []
for certificate in certificates:
    text = "".join(line for line in certificate.splitlines() if not line.startswith("-----"))
    said.append(str(bool(verify_redirect_signature(dict(wanted), RSACrypto(None), text))))
print(*said)
