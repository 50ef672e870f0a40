// Does with npm samlp what a provider does beside answering: one for each task on standard input.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const samlp = require("samlp");
const { DOMParser } = createRequire(require.resolve("samlp"))("@auth0/xmldom");
const SessionParticipants = createRequire(require.resolve("samlp"))("./sessionParticipants");

const md = "urn:oasis:names:tc:SAML:2.0:metadata";
const ds = "http://www.w3.org/2000/09/xmldsig#";
const bindings = "urn:oasis:names:tc:SAML:2.0:bindings:";

const queryOf = (url) => Object.fromEntries(new URL(url).searchParams);

/** Reads our metadata as a deployment of samlp would: it has no reader of its own. */
function spOf(metadata) {
  const root = new DOMParser().parseFromString(metadata).documentElement;
  const all = (namespace, tag) => Array.from(root.getElementsByTagNameNS(namespace, tag));
  const at = (e) => e.getAttribute("Location");
  return {
    entityID: root.getAttribute("entityID"),
    acs: all(md, "AssertionConsumerService").map(at),
    logout: all(md, "SingleLogoutService").map(at),
    certificates: all(md, "KeyDescriptor")
      .filter((e) => e.getAttribute("use") === "signing")
      .map((e) => e.getElementsByTagNameNS(ds, "X509Certificate")[0].textContent),
    encryption: all(md, "KeyDescriptor").filter((e) => e.getAttribute("use") === "encryption").length,
  };
}

/** Runs a middleware, and gives where it sends the browser. */
function run(middleware, query) {
  return new Promise((done, failed) => {
    const sent = (body) => {
      const value = (name) => new RegExp(`name="${name}"\\s+value="([^"]*)"`).exec(body)?.[1] ?? "";
      done({ body: String(body), field: value("SAMLRequest") || value("SAMLResponse"), relayState: value("RelayState") });
    };
    const res = { set() {}, send: sent, redirect: (url) => done({ url }) };
    const req = { query, body: {}, headers: { host: "idp.example.com", "x-forwarded-proto": "https" }, originalUrl: "/" };
    middleware(req, res, (error) => failed(error ?? new Error("nothing was sent")));
  });
}

function logout(task, query, participants) {
  const sp = spOf(task.metadata);
  const participant = {
    serviceProviderId: sp.entityID,
    nameId: task.name,
    nameIdFormat: task.format,
    sessionIndex: task.session,
    serviceProviderLogoutURL: sp.logout[0],
    cert: sp.certificates[0],
    binding: bindings + task.binding,
  };
  const state = { transactionId: "t", sessionIndex: task.session, issuer: sp.entityID, nameId: task.name };
  const states = { t: {} };
  const store = {
    save: (_, value, then) => {
      states.saved = value;
      then(null, "saved");
    },
    load: (_, id, options, then) => (then ?? options)(null, states[id] ?? state),
    update: (_, id, value, then) => then(),
  };
  const middleware = samlp.logout({
    issuer: task.issuer,
    key: task.key,
    cert: task.certificate,
    deflate: true,
    protocolBinding: bindings + task.binding,
    signatureAlgorithm: "rsa-sha256",
    digestAlgorithm: "sha256",
    store,
    sessionParticipants: new SessionParticipants(participants ? [participant] : []),
  });
  return run(middleware, query);
}

const tasks = {
  metadata: async (task) => {
    const middleware = samlp.metadata({
      issuer: task.issuer,
      cert: task.certificate,
      redirectEndpointPath: "/sso",
      postEndpointPath: "/sso",
      logoutEndpointPaths: { redirect: "/slo", post: "/slo" },
    });
    return { xml: (await run(middleware, {})).body };
  },
  import: (task) => spOf(task.metadata),
  authn: (task) =>
    new Promise((done, failed) => {
      const options = task.signed ? { signingCert: spOf(task.metadata).certificates[0] } : {};
      samlp.parseRequest({ query: queryOf(task.url), body: {} }, options, (error, data) =>
        error ? failed(error) : done(data),
      );
    }),
  logoutRequest: (task) => logout(task, {}, true),
  answer: (task) => logout(task, queryOf(task.url), true),
  readAnswer: (task) => logout(task, queryOf(task.url), true),
};

const out = [];
for (const task of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    out.push(await tasks[task.do](task));
  } catch (error) {
    out.push({ refused: String(error) });
  }
}
process.stdout.write(JSON.stringify(out));
