// Signs what comes on standard input with jsonwebtoken, as a host would.
import { readFileSync } from "node:fs";
import jwt from "jsonwebtoken";

const orders = JSON.parse(readFileSync(0, "utf8"));
const tokens = orders.map(({ algorithm, kid, secret, private: pem, claims }) =>
  jwt.sign(claims, secret ? Buffer.from(secret, "base64") : pem, { algorithm, ...(kid && { keyid: kid }) }),
);
process.stdout.write(JSON.stringify(tokens));
