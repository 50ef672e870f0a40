import "server-only";
import { readFileSync } from "node:fs";
import { importPKCS8, SignJWT } from "jose";
import { createServerClient, openBackendSession, type ServerClient } from "@oriel/core/server";
import type { Person } from "./people";

/** Settings come with the process, so that one build runs everywhere. */
function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; README.md says which settings there are.`);
  return value;
}

export const server = () => setting("ORIEL_URL");

/** A token that vouches for a person to Oriel, good for a minute and for one use. */
export async function tokenFor(person: Person): Promise<string> {
  const key = await importPKCS8(readFileSync(setting("ORIEL_KEY_FILE"), "utf8"), "EdDSA");
  const [first = "", last = ""] = person.name.split(" ");
  return new SignJWT({
    email: person.email,
    first_name: first,
    last_name: last,
    airport: person.airport,
    groups: ["operators"],
  })
    .setProtectedHeader({ alg: "EdDSA", typ: "JWT" })
    .setIssuer(setting("ORIEL_ISSUER"))
    .setAudience(server())
    .setSubject(person.id)
    .setJti(crypto.randomUUID())
    .setIssuedAt()
    .setExpirationTime("60s")
    .sign(key);
}

/** A person's backend session, while it lasts. It never leaves this process. */
const sessions = new Map<string, { session: string; expiresAt: number }>();

async function sessionFor(person: Person): Promise<string> {
  const kept = sessions.get(person.id);
  if (kept && kept.expiresAt > Date.now() + 30_000) return kept.session;
  const made = await openBackendSession({ server: server(), jwt: await tokenFor(person) });
  sessions.set(person.id, made);
  return made.session;
}

/**
 * What a page shows at once: results that this server fetched for the person.
 * Without them, for whatever reason, the page asks for itself.
 */
export async function prefetched(
  person: Person,
  fetch: (oriel: ServerClient) => Promise<void>,
): Promise<string | undefined> {
  try {
    const oriel = createServerClient({
      server: server(),
      session: await sessionFor(person),
      subject: person.id,
      onError: (error) => {
        // A session that was revoked is made anew with the next page.
        sessions.delete(person.id);
        console.error("Nothing was prefetched:", error.code, error.message);
      },
    });
    await fetch(oriel);
    return await oriel.dehydrate();
  } catch (error) {
    console.error("Nothing was prefetched:", error); // an OrielError holds no token
    return undefined;
  }
}
