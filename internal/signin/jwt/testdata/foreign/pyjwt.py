# Signs what comes on standard input with PyJWT, as a host would.
import base64
import json
import sys

import jwt

tokens = []
for order in json.load(sys.stdin):
    key = base64.b64decode(order["secret"]) if order["secret"] else order["private"]
    headers = {"kid": order["kid"]} if order["kid"] else None
    tokens.append(jwt.encode(order["claims"], key, algorithm=order["algorithm"], headers=headers))
json.dump(tokens, sys.stdout)
