// Makes SAML responses with npm samlp, one for each order on standard input.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { getSamlResponse } = createRequire(import.meta.url)("samlp");

class Profile {
  constructor(order) {
    this.order = order;
  }
  getClaims() {
    return this.order.attributes;
  }
  getNameIdentifier() {
    return { nameIdentifier: this.order.name, nameIdentifierFormat: this.order.format };
  }
}

const answer = (order) =>
  new Promise((done, failed) => {
    const options = {
      issuer: order.issuer,
      audience: order.audience,
      destination: order.destination || undefined,
      recipient: order.recipient || undefined,
      inResponseTo: order.request || undefined,
      sessionIndex: order.session || undefined,
      key: order.key,
      cert: order.certificate,
      signAssertion: order.sign.includes("assertion"),
      signResponse: order.sign.includes("response"),
      signatureAlgorithm: order.sha1 ? "rsa-sha1" : "rsa-sha256",
      digestAlgorithm: order.sha1 ? "sha1" : "sha256",
      lifetimeInSeconds: 300,
      includeAttributeNameFormat: true,
      typedAttributes: true,
      profileMapper: () => new Profile(order),
    };
    if (order.encrypt) {
      options.disallowEncryptionWithInsecureAlgorithm = false;
      options.encryptionCert = order.encrypt;
      options.encryptionPublicKey = order.encryptKey;
      options.encryptionAlgorithm = order.cbc
        ? "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
        : "http://www.w3.org/2009/xmlenc11#aes256-gcm";
    }
    getSamlResponse(options, {}, (error, xml) => (error ? failed(error) : done(xml)));
  });

const out = [];
for (const order of JSON.parse(readFileSync(0, "utf8"))) out.push(await answer(order));
process.stdout.write(JSON.stringify(out.map((xml) => Buffer.from(xml).toString("base64"))));
