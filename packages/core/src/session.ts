import type { Environment } from "./environment.js";
import type { OrielError } from "./error.js";
import type { PopupProof } from "./popup.js";
import { askJSON, misunderstood, signInLimit } from "./transport.js";
import type { SessionAnswer, Settings, User } from "./wire.js";

/** A session as the client keeps it: in memory, with times of the local clock. */
export interface Session {
  readonly token: string;
  readonly user: User;
  readonly settings: Settings;
  readonly expiresAt: number;
  readonly renewAt: number;
  /** Set when it is renewed with itself, so that no window is needed. */
  readonly renewable: number | undefined;
}

/** Where requests get the session from that they are sent with. */
export interface Sessions<S extends Pick<Session, "token"> = Pick<Session, "token">> {
  /** A session to send with; with `refused`, the one that just got a 401, a newer one. */
  session(signal: AbortSignal, refused?: S): Promise<S>;
  /** Hears how a request of `session` was refused. */
  refused(session: S, error: OrielError): void;
}

/**
 * What is exchanged for a session: a host token, the code of a popup, or the session's
 * own token, with what tells a second try from somebody else's.
 */
export type Proof = { jwt: string } | PopupProof | { renew: string; attempt: string };

/** Exchanges a proof for a session; a simple request, so no preflight. */
export async function exchange(
  env: Environment,
  server: string,
  proof: Proof,
  signal: AbortSignal,
): Promise<Session> {
  const sent = env.now();
  const answer = (await askJSON(
    env,
    `${server}/api/v1/session`,
    {
      method: "POST",
      headers: { "Content-Type": "text/plain" },
      body: JSON.stringify(proof),
    },
    signInLimit,
    signal,
  )) as Partial<SessionAnswer> | null;
  if (
    typeof answer?.token !== "string" ||
    typeof answer.expires_at !== "number" ||
    typeof answer.server_time !== "number" ||
    typeof answer.user?.id !== "string" ||
    answer.settings === undefined ||
    answer.expires_at <= answer.server_time
  ) {
    throw misunderstood("The answer to the sign-in");
  }
  // The server's clock only serves to take the difference; it is counted from
  // when the request left, so that the session is never thought too long.
  const lifetime = (answer.expires_at - answer.server_time) * 1000;
  const share = 0.775 + 0.05 * env.random();
  return {
    token: answer.token,
    user: answer.user,
    settings: answer.settings,
    expiresAt: sent + lifetime,
    renewAt: sent + lifetime * share,
    renewable: answer.renewable_until,
  };
}
