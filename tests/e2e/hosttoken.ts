import { createHmac, generateKeyPairSync, randomUUID, sign, type KeyObject } from "node:crypto";
import type { Stack } from "./stack.js";

export type Claims = Record<string, unknown>;

/** The claims that Apron's backend signs, for a person of an airport. */
export function claims(stack: Stack, more: Claims = {}): Claims {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: stack.backend,
    aud: stack.oriel,
    sub: "prs_test",
    jti: randomUUID(),
    iat: now,
    exp: now + 60,
    email: "test@dfw.example",
    first_name: "Terry",
    last_name: "Test",
    airport: "DFW",
    groups: ["operators"],
    sid: randomUUID(),
    ...more,
  };
}

/** A host token signed with Apron's own key, or with another one. */
export function hostToken(stack: Stack, more: Claims = {}, key: KeyObject = stack.privateKey): string {
  const text = `${encoded({ alg: "EdDSA", typ: "JWT" })}.${encoded(claims(stack, more))}`;
  return `${text}.${sign(null, Buffer.from(text), key).toString("base64url")}`;
}

/** A token that nobody vouched for: alg none, or the public key taken for a secret. */
export function forgedToken(stack: Stack, alg: "none" | "HS256", more: Claims = {}): string {
  const text = `${encoded({ alg, typ: "JWT" })}.${encoded(claims(stack, more))}`;
  if (alg === "none") return `${text}.`;
  const secret = stack.env.APRON_PUBLIC_KEY ?? "";
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

export function foreignKey(): KeyObject {
  return generateKeyPairSync("ed25519").privateKey;
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
