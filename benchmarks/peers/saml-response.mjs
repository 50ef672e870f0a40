// Has npm samlp make the response that all sides verify, and keeps it in a folder.
import { generateKeyPairSync } from "node:crypto";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const { getSamlResponse } = createRequire(import.meta.url)("samlp");
const folder = process.env.BENCH_FOLDER;
const shape = process.env.BENCH_SHAPE;

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
writeFileSync(join(folder, "key.pem"), key, { mode: 0o600 });
const request = ["req", "-x509", "-key", "key.pem", "-out", "certificate.pem", "-days", "2", "-subj", "/CN=idp"];
execFileSync("openssl", request, { cwd: folder, stdio: "ignore" });

const acs = "https://bi.example.com/auth/saml/corp/acs";
const options = {
  issuer: "https://idp.example.com/saml",
  audience: "https://bi.example.com/auth/saml/corp/metadata",
  destination: acs,
  recipient: acs,
  inResponseTo: "_a-request-of-ours",
  sessionIndex: "s-1",
  key,
  cert: readFileSync(join(folder, "certificate.pem"), "utf8"),
  signAssertion: shape !== "response",
  signResponse: shape !== "assertion",
  signatureAlgorithm: "rsa-sha256",
  digestAlgorithm: "sha256",
  lifetimeInSeconds: 3600,
  profileMapper: () => ({
    getClaims: () => ({ email: "dana@example.com", first_name: "Dana", last_name: "Ito", groups: ["ops", "night"], airport: "DFW" }),
    getNameIdentifier: () => ({
      nameIdentifier: "dana-17",
      nameIdentifierFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    }),
  }),
};
getSamlResponse(options, {}, (error, xml) => {
  if (error) throw error;
  writeFileSync(join(folder, "response.txt"), Buffer.from(xml).toString("base64"));
  writeFileSync(join(folder, "response.xml"), xml);
});
