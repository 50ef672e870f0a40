// The work of one sign-in after its token was verified, as both peers do it:
// spent token, user, attributes, groups, session and record, in one durable
// transaction. The statements are those of the benchmark's direct side.
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import Database from "better-sqlite3";

const need = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};

/** What the benchmark tells a peer. */
export const settings = {
  secret: Buffer.from(need("BENCH_SECRET")),
  issuer: need("BENCH_ISSUER"),
  audience: need("BENCH_AUDIENCE"),
  origin: need("BENCH_ORIGIN"),
  kid: need("BENCH_KID"),
};

const provider = { id: "prv_1", slug: "apron" };
const opened = new Set(["operators"]);
const leeway = 30; // seconds

/** A refusal, with the code and status of Oriel's contract. */
export class Refused extends Error {
  constructor(code, status) {
    super(code);
    this.code = code;
    this.status = status;
  }
}

const db = new Database(need("BENCH_DATABASE"));
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.pragma("foreign_keys = ON");
// As on the other sides: fewer copies of the log, and room for the pages.
db.pragma("wal_autocheckpoint = 8000");
db.pragma("cache_size = -16384");
db.exec(readFileSync(need("BENCH_SCHEMA"), "utf8"));
db.exec(readFileSync(new URL("seed.sql", import.meta.url), "utf8"));

const statements = JSON.parse(readFileSync(new URL("statements.json", import.meta.url), "utf8"));
const sql = Object.fromEntries(Object.entries(statements).map(([name, text]) => [name, db.prepare(text)]));
sql.groups.pluck();

const sha256 = (...parts) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const letters = "23456789ABCDEFGHJKMNPQRSTWXYZ";
const reference = () => {
  const drawn = randomBytes(6);
  let text = "";
  for (let i = 0; i < 6; i++) text += (i === 3 ? "-" : "") + letters[drawn[i] % letters.length];
  return text;
};

const text = (claims, name) => {
  const value = claims[name];
  if (value === undefined) throw new Refused("claim_missing", 401);
  if (typeof value !== "string" || value === "") throw new Refused("claim_invalid", 401);
  return value;
};

const registered = new Set([
  "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "sid", "email", "first_name", "last_name", "groups", "tenant",
]);

const attributesOf = (claims) => {
  const attributes = {};
  for (const [name, value] of Object.entries(claims)) {
    if (!registered.has(name) && typeof value === "string") attributes[name] = value;
  }
  return attributes;
};

const write = db.transaction((token, claims, origin, clientIP) => {
  const now = Date.now() * 1000;
  const issued = claims.iat * 1e6;
  if (sql.spend.run(token.oneUse, (claims.exp + leeway + 60) * 1e6).changes === 0) throw new Refused("token_replayed", 401);

  let user = sql.find.get(provider.id, token.subject);
  if (user === undefined) {
    user = { id: `usr_${randomBytes(16).toString("hex")}` };
    sql.create_user.run(user.id, token.email, token.email.toLowerCase(), claims.first_name ?? "", claims.last_name ?? "", now);
    sql.create_identity.run(provider.id, token.subject, user.id, issued, now);
  } else {
    if (!user.active) throw new Refused("user_deactivated", 403);
    if (issued < user.greatest_issued_at - 60e6) throw new Refused("token_too_old", 401);
    if (user.email !== token.email || user.first_name !== claims.first_name || user.last_name !== claims.last_name) {
      sql.update_user.run(token.email, token.email.toLowerCase(), claims.first_name, claims.last_name, user.id);
    }
    if (issued > user.greatest_issued_at) sql.raise.run(issued, provider.id, token.subject);
  }
  sql.attributes.run(user.id, provider.id, JSON.stringify(token.attributes));

  let groups = sql.groups.all(user.id);
  if (Array.isArray(claims.groups)) {
    for (const group of opened) {
      const is = groups.includes(group);
      const wanted = claims.groups.includes(group);
      if (wanted && !is) {
        sql.join.run(user.id, group);
        groups.push(group);
      } else if (is && !wanted) {
        sql.leave.run(user.id, group);
        groups = groups.filter((other) => other !== group);
      }
    }
  }
  const expires = now + 600e6;
  sql.session.run(
    token.hash, token.session, user.id, provider.id, settings.kid, origin, claims.sid ?? "", now, expires,
  );
  sql.record.run(token.reference, now, provider.slug, origin, clientIP, user.id, JSON.stringify(recordOf(claims, origin)));
  return { id: user.id, groups, expires };
});

// The ordered checks with expected against received, as Oriel keeps them.
const recordOf = (claims, origin) => {
  const at = new Date().toISOString();
  const passed = (name, expected, received) => ({ name, outcome: "passed", expected, received });
  return {
    checks: [
      passed("embedding", "on"),
      passed("provider", undefined, provider.slug),
      passed("origin", undefined, `"${origin}"`),
      passed("key", `one of "${settings.kid}" (hs256)`, `kid "${settings.kid}", alg "HS256"`),
      passed("signature", "made with the provider's key", `key "${settings.kid}"`),
      passed("time", `valid at ${at} ± 30 s`, `iat ${claims.iat}, exp ${claims.exp}`),
      passed("issuer", `"${settings.issuer}"`, `"${claims.iss}"`),
      passed("audience", `"${settings.audience}"`, `"${claims.aud}"`),
      passed("replay", "a token that was not used before"),
      passed("tenant", undefined, "none"),
      passed("account"),
      passed("groups"),
    ],
    clock_skew_ms: claims.iat * 1000 - Date.now(),
  };
};

/** Makes a session of verified claims, and the answer's body. */
export const exchange = (claims, origin, clientIP) => {
  if (!Number.isFinite(claims.exp) || !Number.isFinite(claims.iat)) throw new Refused("claim_missing", 401);
  if (claims.exp - claims.iat > 300) throw new Refused("token_lifetime", 401);
  const secret = randomBytes(32);
  const bearer = `ors_${secret.toString("base64url")}`;
  const token = {
    subject: text(claims, "sub"),
    email: text(claims, "email"),
    attributes: attributesOf(claims),
    oneUse: sha256(provider.id, "\0", text(claims, "jti")),
    hash: sha256(bearer),
    session: `ses_${randomBytes(16).toString("hex")}`,
    reference: reference(),
  };
  const made = write.immediate(token, claims, origin, clientIP);
  const now = Math.floor(Date.now() / 1000);
  const expires = Math.floor(made.expires / 1e6);
  return {
    token: bearer,
    token_type: "Bearer",
    expires_in: expires - now,
    expires_at: expires,
    server_time: now,
    user: {
      id: made.id,
      email: token.email,
      name: `${claims.first_name} ${claims.last_name}`,
      tenant: null,
      groups: ["all-users", ...made.groups],
      attributes: token.attributes,
      locale: null,
    },
    settings: { site_name: "Oriel", site_url: settings.audience, version: "bench", formats: {} },
  };
};

/** Says where the peer listens; the benchmark waits for it. */
export const listening = (port) => process.stdout.write(`http://127.0.0.1:${port}\n`);
