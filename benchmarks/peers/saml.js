// Verifies the response with @node-saml/node-saml, as often as each line says.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { SAML } from "@node-saml/node-saml";

const { BENCH_FOLDER, BENCH_IDP, BENCH_AUDIENCE, BENCH_ACS } = process.env;
const SAMLResponse = readFileSync(join(BENCH_FOLDER, "response.txt"), "utf8");
const signed = readFileSync(join(BENCH_FOLDER, "response.xml"), "utf8");
const whole = /^<[^>]*Response[^>]*>\s*<[^>]*Issuer[^>]*>[^<]*<\/[^>]*>\s*<[^>]*Signature/.test(signed.replace(/^<\?[^>]*>\s*/, ""));
const sp = new SAML({
  idpCert: readFileSync(join(BENCH_FOLDER, "certificate.pem"), "utf8"),
  idpIssuer: BENCH_IDP,
  issuer: BENCH_AUDIENCE,
  audience: BENCH_AUDIENCE,
  callbackUrl: BENCH_ACS,
  wantAssertionsSigned: signed.lastIndexOf("<Signature") > signed.indexOf("Assertion") || !whole,
  wantAuthnResponseSigned: whole,
});

for await (const line of createInterface({ input: process.stdin })) {
  for (let n = Number(line); n > 0; n--) {
    const { profile } = await sp.validatePostResponseAsync({ SAMLResponse });
    if (profile?.nameID !== "dana-17") throw new Error("it vouches for somebody else");
  }
  console.log("ok");
}
