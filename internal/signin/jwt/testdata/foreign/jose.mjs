// Signs what comes on standard input with jose, as a host would.
import { readFileSync } from "node:fs";
import { importPKCS8, SignJWT } from "jose";

const orders = JSON.parse(readFileSync(0, "utf8"));
const tokens = [];
for (const { algorithm, kid, secret, private: pem, claims } of orders) {
  const key = secret ? Buffer.from(secret, "base64") : await importPKCS8(pem, algorithm);
  const header = { alg: algorithm, typ: "JWT", ...(kid && { kid }) };
  tokens.push(await new SignJWT(claims).setProtectedHeader(header).sign(key));
}
process.stdout.write(JSON.stringify(tokens));
