import { surroundings } from "./environment.js";
import { OrielError } from "./error.js";
import { parseServer } from "./options.js";
import { askJSON, signInLimit } from "./transport.js";

export interface BackendSessionOptions {
  /** Oriel's address. */
  server: string;
  /** The host's token for the person, as its sign-in endpoint signs it. */
  jwt: string;
  fetch?: typeof fetch;
}

/** A session of the host's servers for one person. It is a secret: it must not reach the page. */
export interface BackendSession {
  session: string;
  /** Milliseconds since 1970, by this machine's clock. */
  expiresAt: number;
}

/**
 * Exchanges a host token for a session of the host's own servers. The provider
 * needs `backend_sessions`. Rejects with an OrielError.
 */
export async function openBackendSession(options: BackendSessionOptions): Promise<BackendSession> {
  notInBrowsers("openBackendSession");
  const env = { ...surroundings, ...(options.fetch ? { fetch: options.fetch } : {}) };
  const sent = env.now();
  const answer = (await askJSON(
    env,
    `${parseServer(options.server)}/auth/sso/to_session`,
    {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ jwt: options.jwt }),
    },
    signInLimit,
    undefined,
  )) as { session_token?: unknown; expires_in?: unknown } | null;
  if (typeof answer?.session_token !== "string" || typeof answer.expires_in !== "number") {
    throw new OrielError({
      code: "VERSION",
      message: "The answer to the exchange isn't one that this version of the SDK understands.",
    });
  }
  return { session: answer.session_token, expiresAt: sent + answer.expires_in * 1000 };
}

/** Finds early that a page would get to see a session of the host's servers. */
export function notInBrowsers(caller: string): void {
  if (typeof window === "undefined") return;
  throw new OrielError({
    code: "CONFIG_INVALID",
    message: `${caller} is for servers: a backend session must not reach a browser. Call it where the page is rendered, and give the page what dehydrate() answers.`,
  });
}
