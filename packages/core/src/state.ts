import type { ErrorCode } from "./codes.js";
import type { OrielError } from "./error.js";
import type { User } from "./wire.js";

/**
 * Where the client stands with its sign-in. Times are milliseconds by the
 * local clock; the server's clock is already taken into account.
 */
export type AuthState =
  | { status: "idle" }
  /** `inWindow`: the person goes on in the other window that is open. */
  | { status: "authenticating"; attempt: number; inWindow?: true }
  /**
   * Somebody must act: call `begin` from a click, and the identity provider opens in
   * another window. `error` says why the last try failed, or only that nobody is signed in.
   */
  | { status: "interaction-required"; code: ErrorCode; error: OrielError; begin(): Promise<void> }
  | { status: "authenticated"; user: User; expiresAt: number }
  | { status: "refreshing"; user: User; expiresAt: number }
  /** Renewal failed; the old session is still good. */
  | { status: "degraded"; user: User; cause: OrielError; retryAt: number }
  /** The browser has no network; it goes on when it returns. */
  | { status: "offline"; user?: User }
  | { status: "error"; error: OrielError; retryAt?: number; retry(): void }
  /** The host says that nobody is signed in there, or somebody signed out on purpose. */
  | { status: "signed-out"; by: "host" | "user" }
  /** Oriel lets this person in no longer; the error says why. */
  | { status: "signed-out"; by: "server"; error: OrielError };

/** The user of a state that has one. */
export function userOf(state: AuthState): User | undefined {
  return "user" in state ? state.user : undefined;
}
