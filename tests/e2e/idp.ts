// A SAML identity provider on npm samlp, with people who sign in by a click.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { generateKeyPairSync } from "node:crypto";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./stack.js";

interface Samlp {
  parseRequest(
    request: { query: Record<string, string>; method: string; body?: unknown },
    options: object,
    done: (
      error: Error | null,
      data?: { id: string; assertionConsumerServiceURL: string; issuer: string },
    ) => void,
  ): void;
  getSamlResponse(options: object, user: object, done: (error: Error | null, xml: string) => void): void;
}
const samlp = createRequire(import.meta.url)("samlp") as Samlp;

/** Whom it knows, by the name on the button. */
const people: Record<string, Record<string, string | string[]>> = {
  Ann: { email: "ann@corp.example", first_name: "Ann", last_name: "Arden", airport: "DFW", groups: ["ops"] },
  Bob: { email: "bob@corp.example", first_name: "Bob", last_name: "Bell", airport: "ORD", groups: ["ops"] },
};

export interface IdP {
  url: string;
  /** Its metadata, as a file. */
  metadata: string;
  /** How often it was asked who is there. */
  asked: number;
  /** It refuses everybody. */
  refuses: boolean;
  /** It cuts its pages off from the page that opened them. */
  cutsOff: boolean;
  stop: () => Promise<void>;
}

/** Starts one on another site than the host's and Oriel's. */
export async function startIdP(): Promise<IdP> {
  const folder = mkdtempSync(join(tmpdir(), "oriel-idp-"));
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  writeFileSync(join(folder, "key.pem"), key, { mode: 0o600 });
  execFileSync(
    "openssl",
    ["req", "-x509", "-key", "key.pem", "-out", "certificate.pem", "-days", "2", "-subj", "/CN=idp"],
    { cwd: folder, stdio: "ignore" },
  );
  const certificate = readFileSync(join(folder, "certificate.pem"), "utf8");
  const port = await freePort();
  const url = `http://localhost:${String(port)}`;
  const metadata = join(folder, "metadata.xml");
  writeFileSync(
    metadata,
    `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${url}">
<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing">
<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${certificate.replace(/-----[A-Z ]+-----|\s/g, "")}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>
</md:KeyDescriptor><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="${url}/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>`,
  );
  const idp: IdP = {
    url,
    metadata,
    asked: 0,
    refuses: false,
    cutsOff: false,
    stop: () =>
      new Promise((done) => {
        rmSync(folder, { recursive: true, force: true });
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
  const server = createServer((request, response) => {
    void serve(idp, key, certificate, request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((done) => server.listen(port, "localhost", () => done()));
  return idp;
}

async function serve(
  idp: IdP,
  key: string,
  certificate: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const at = new URL(request.url ?? "/", idp.url);
  const framed = at.searchParams.get("framed");
  if (framed !== null) {
    const page = `<!doctype html><title>Frames</title><iframe src="${framed.replaceAll("&", "&amp;")}" width="900" height="700"></iframe>`;
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(page);
    return;
  }
  if (at.pathname !== "/sso") {
    response.writeHead(404).end();
    return;
  }
  idp.asked++;
  const query = Object.fromEntries(at.searchParams);
  // Somebody who was here before is known by a cookie, as at real ones.
  const known = /person=(\w+)/.exec(request.headers.cookie ?? "")?.[1];
  const person = query.person ?? known;
  const headers: Record<string, string> = {
    "Content-Type": "text/html; charset=utf-8",
    ...(idp.cutsOff ? { "Cross-Origin-Opener-Policy": "same-origin" } : {}),
  };
  if (person === undefined) {
    const links = Object.keys(people).map((name) => {
      const next = new URL(at);
      next.searchParams.set("person", name);
      return `<p><a href="${next.href.replaceAll("&", "&amp;")}">I am ${name}</a></p>`;
    });
    response.writeHead(200, headers).end(`<!doctype html><title>Who is there?</title>${links.join("")}`);
    return;
  }
  const asked = await new Promise<{ id: string; assertionConsumerServiceURL: string; issuer: string }>(
    (done, failed) =>
      samlp.parseRequest({ query, method: "GET" }, {}, (error, data) =>
        data ? done(data) : failed(error ?? new Error("no request")),
      ),
  );
  const acs = asked.assertionConsumerServiceURL;
  const xml = idp.refuses
    ? refusal(idp.url, acs, asked.id)
    : await new Promise<string>((done, failed) =>
        samlp.getSamlResponse(
          {
            issuer: idp.url,
            audience: asked.issuer,
            destination: acs,
            recipient: acs,
            inResponseTo: asked.id,
            sessionIndex: `s-${person}`,
            key,
            cert: certificate,
            signatureAlgorithm: "rsa-sha256",
            digestAlgorithm: "sha256",
            lifetimeInSeconds: 300,
            profileMapper: () => ({
              getClaims: () => people[person],
              getNameIdentifier: () => ({
                nameIdentifier: `prs-${person}`,
                nameIdentifierFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
              }),
            }),
          },
          {},
          (error, made) => (error ? failed(error) : done(made)),
        ),
      );
  headers["Set-Cookie"] = `person=${person}; HttpOnly`;
  response
    .writeHead(200, headers)
    .end(
      `<!doctype html><title>On the way back</title><form method="post" action="${acs}">` +
        `<input type="hidden" name="SAMLResponse" value="${Buffer.from(xml).toString("base64")}">` +
        `<input type="hidden" name="RelayState" value="${query.RelayState ?? ""}"></form>` +
        `<script>document.forms[0].submit()</script>`,
    );
}

function refusal(issuer: string, destination: string, request: string): string {
  return (
    `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ` +
    `ID="_refused" Version="2.0" IssueInstant="${new Date().toISOString()}" Destination="${destination}" InResponseTo="${request}">` +
    `<saml:Issuer>${issuer}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder">` +
    `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:RequestDenied"/></samlp:StatusCode></samlp:Status></samlp:Response>`
  );
}
