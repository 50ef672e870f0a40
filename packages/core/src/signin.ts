import { clockSkew } from "./clock-skew.js";
import { Discovery } from "./discovery.js";
import type { Environment } from "./environment.js";
import { aborted, OrielError } from "./error.js";
import { askCallback, askEndpoint, SignedOutAtHost } from "./host.js";
import type { ClientOptions, TokenContext } from "./options.js";
import { exchange, type Session, type Sessions } from "./session.js";
import type { AuthState } from "./state.js";

/** Longest sleep of a timer; after it the clock is read again, as after a laptop's lid. */
const longestSleep = 60_000;
const firstDelay = 1_000;
const longestDelay = 60_000;

/** Refusals that a token fresh from the host can cure, when the host kept one. */
const curable: ReadonlySet<string> = new Set(["token_expired", "token_too_old", "token_replayed"]);

/** Refusals of the person: what was shown to them goes, and nothing is asked any more. */
const final: ReadonlySet<string> = new Set(["user_deactivated", "tenant_deactivated"]);

type Reason = TokenContext["reason"];

/** What the sign-in tells the client that owns it. */
export interface SignInHooks {
  options(): ClientOptions;
  /** The subject changed or left: abort requests, forget results. */
  forget(reason?: OrielError): void;
  failed(error: OrielError): void;
}

/**
 * The sign-in state machine. It holds the session, which never leaves memory,
 * makes at most one exchange at a time, renews before the session ends, backs
 * off when that fails, and stops asking when the host says signed out.
 */
export class SignIn implements Sessions<Session> {
  #state: AuthState = { status: "idle" };
  readonly #listeners = new Set<() => void>();
  #session: Session | undefined;
  /** The session that the server no longer takes. */
  #refused: Session | undefined;
  /** Whose results are on the page. */
  #subject: string | undefined;
  #pending: Promise<Session> | undefined;
  #attempt: AbortController | undefined;
  #failures = 0;
  #retryAt: number | undefined;
  #lastError: OrielError | undefined;
  #timer: unknown;
  #stopWaking: (() => void) | undefined;
  readonly #discovery: Discovery;

  constructor(
    private readonly env: Environment,
    private readonly server: string,
    private readonly hooks: SignInHooks,
  ) {
    const method = hooks.options().preferredAuthMethod;
    this.#discovery = new Discovery(env, server, method);
  }

  getState(): AuthState {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Whose results are on the page, as far as that is known. */
  get subject(): string | undefined {
    return this.#subject;
  }

  /** Results of this user are on the page before the sign-in: they go when it is somebody else. */
  expect(user: string): void {
    this.#subject = user;
  }

  /** Begins when nothing has begun yet; otherwise changes nothing. */
  begin(): void {
    if (this.#state.status === "idle") void this.#start("initial");
  }

  /** Signs in, also after a failure or a sign-out; waits for the outcome. */
  async signIn(): Promise<void> {
    if (this.#pending === undefined && !this.#usable(this.#session)) {
      await this.#start("initial");
      return;
    }
    await this.#pending;
  }

  /** Ends the session here and at the server. */
  signOut(): void {
    this.#revoke();
    this.#leave("user");
  }

  /** Somebody else is signed in at the host: forget all, sign in anew. */
  changeSubject(): void {
    const begun = this.#state.status !== "idle";
    this.#revoke();
    this.#drop();
    // Before the sign-in, what a server fetched is there already.
    this.hooks.forget();
    if (begun) void this.#start("subject-changed");
  }

  /** Back to the beginning: no timers, no session, nothing in flight. */
  close(): void {
    this.#drop();
    this.#stopWaking?.();
    this.#stopWaking = undefined;
    this.hooks.forget();
    this.#set({ status: "idle" });
  }

  /**
   * The session to send a request with. Waits for an exchange in flight; with
   * `refused`, the session that just got a 401, gets a newer one.
   */
  async session(signal: AbortSignal, refused?: Session): Promise<Session> {
    if (refused && refused === this.#session) this.#refused = refused;
    const held = this.#session;
    const backingOff = this.#retryAt !== undefined && this.env.now() < this.#retryAt;
    if (this.#pending === undefined) {
      if (this.#usable(held)) {
        if (backingOff || this.env.now() < held.renewAt) return held;
      } else {
        const { status } = this.#state;
        if (status === "signed-out") throw this.#lastError ?? signedOut();
        if (this.#lastError && (backingOff || status === "error")) {
          throw this.#lastError;
        }
      }
    }
    const pending = this.#pending ?? this.#start(refused ? "rejected" : held ? "expiring" : "initial");
    try {
      return await untilAborted(pending, signal);
    } catch (error) {
      const old = this.#session;
      if (!signal.aborted && this.#usable(old)) return old;
      throw error;
    }
  }

  /**
   * Hears how Oriel refused a request of `session`: when it lets the person in
   * no longer, the session ends here too, and what was shown goes.
   */
  refused(session: Session, error: OrielError): void {
    if (session === this.#session && final.has(error.code)) this.#leave("server", error);
  }

  #usable(session: Session | undefined): session is Session {
    return session !== undefined && session !== this.#refused && this.env.now() < session.expiresAt;
  }

  #start(reason: Reason): Promise<Session> {
    this.env.clearTimeout(this.#timer);
    this.#stopWaking ??= this.env.onWake((sign) => {
      if (sign === "online" && this.#retryAt !== undefined) {
        this.#retryAt = this.env.now();
      }
      this.#tick();
    });
    const controller = new AbortController();
    const { signal } = controller;
    const attempt = this.#failures + 1;
    this.#attempt = controller;
    const pending = this.#obtain(reason, attempt, signal).then(
      (session) => {
        if (signal.aborted) throw aborted(signal);
        this.#accept(session);
        return session;
      },
      (cause: unknown) => {
        if (signal.aborted) throw aborted(signal);
        throw this.#fail(cause);
      },
    );
    // Whoever waits gets the failure; when nobody does, the state tells it.
    pending.catch(() => undefined);
    this.#pending = pending;
    const held = this.#session;
    this.#set(
      held
        ? { status: "refreshing", user: held.user, expiresAt: held.expiresAt }
        : { status: "authenticating", attempt },
    );
    return pending;
  }

  async #obtain(reason: Reason, attempt: number, signal: AbortSignal): Promise<Session> {
    const jwt = await this.#hostToken({ reason, attempt }, signal);
    try {
      return await exchange(this.env, this.server, jwt, signal);
    } catch (error) {
      if (!OrielError.is(error) || !curable.has(error.code)) throw clockSkew(error, jwt);
    }
    const fresh = await this.#hostToken({ reason: "rejected", attempt: attempt + 1 }, signal);
    try {
      return await exchange(this.env, this.server, fresh, signal);
    } catch (error) {
      // A host that gives the same token again keeps tokens; its clock may be right.
      throw fresh === jwt ? error : clockSkew(error, fresh);
    }
  }

  async #hostToken(context: Omit<TokenContext, "signal">, signal: AbortSignal): Promise<string> {
    const source = this.hooks.options().auth ?? { type: "endpoint" };
    if (source.type === "callback") {
      return askCallback(this.env, source, context, signal);
    }
    const url = source.url ?? (await this.#discovery.find(signal));
    return askEndpoint(this.env, url, source.init, signal);
  }

  #accept(session: Session): void {
    const changed = this.#subject !== undefined && this.#subject !== session.user.id;
    this.#settle();
    this.#failures = 0;
    this.#subject = session.user.id;
    this.#session = session;
    this.#refused = undefined;
    if (changed) this.hooks.forget();
    const { user, expiresAt } = session;
    this.#set({ status: "authenticated", user, expiresAt });
    this.#tick();
  }

  #fail(cause: unknown): OrielError {
    this.#settle();
    if (cause instanceof SignedOutAtHost) {
      this.#leave("host");
      return signedOut();
    }
    const error = OrielError.is(cause)
      ? cause
      : new OrielError({
          code: "CONFIG_INVALID",
          message: "The sign-in couldn't be tried with the options that the page gave; the cause says why.",
          cause,
        });
    if (final.has(error.code)) {
      this.#leave("server", error);
      return error;
    }
    if (error.code.startsWith("HOST_")) this.#discovery.forget();
    this.#failures++;
    this.#lastError = error;
    if (error.retryable || this.#usable(this.#session)) {
      const wait = Math.max(this.#backOff(), error.retryAfter ?? 0);
      this.#retryAt = this.env.now() + wait;
    }
    this.#showFailure(error);
    this.hooks.failed(error);
    this.#tick();
    return error;
  }

  #showFailure(error: OrielError): void {
    const session = this.#session;
    const retryAt = this.#retryAt;
    if (!this.env.online() && retryAt !== undefined) {
      this.#set(session ? { status: "offline", user: session.user } : { status: "offline" });
    } else if (this.#usable(session) && retryAt !== undefined) {
      const { user } = session;
      this.#set({ status: "degraded", user, cause: error, retryAt });
    } else {
      this.#session = undefined;
      const retry = () => {
        this.signIn().catch(() => undefined);
      };
      const failed = { status: "error", error, retry } as const;
      this.#set(retryAt !== undefined && error.retryable ? { ...failed, retryAt } : failed);
    }
  }

  #backOff(): number {
    const doubled = firstDelay * 2 ** Math.min(this.#failures - 1, 10);
    return Math.min(longestDelay, doubled) * (0.8 + 0.2 * this.env.random());
  }

  /** Does what is due, and sleeps until something is. */
  #tick(): void {
    this.env.clearTimeout(this.#timer);
    if (this.#pending !== undefined) return;
    const now = this.env.now();
    const session = this.#session;
    const usable = this.#usable(session);
    if (this.#state.status === "degraded" && !usable && this.#lastError) {
      if (!this.#lastError.retryable) this.#retryAt = undefined;
      this.#showFailure(this.#lastError);
    }
    const due = this.#retryAt ?? session?.renewAt;
    if (due === undefined) return;
    if (now >= due) {
      void this.#start(session ? "expiring" : "initial");
      return;
    }
    const end = usable ? Math.min(due, session.expiresAt) : due;
    const sleep = Math.min(end - now, longestSleep);
    this.#timer = this.env.setTimeout(() => {
      this.#tick();
    }, sleep);
  }

  #settle(): void {
    this.#pending = undefined;
    this.#attempt = undefined;
    this.#retryAt = undefined;
    this.#lastError = undefined;
  }

  #drop(): void {
    this.env.clearTimeout(this.#timer);
    const attempt = this.#attempt;
    this.#settle();
    this.#failures = 0;
    this.#session = undefined;
    this.#refused = undefined;
    this.#subject = undefined;
    attempt?.abort();
  }

  #leave(by: "host" | "user" | "server", error?: OrielError): void {
    this.#drop();
    this.#lastError = error;
    this.hooks.forget(error ?? signedOut());
    if (by !== "server") this.#set({ status: "signed-out", by });
    else if (error) {
      this.#set({ status: "signed-out", by, error });
      this.hooks.failed(error);
    }
  }

  /** Tells the server to end the session; whether that succeeds is not waited for. */
  #revoke(): void {
    const session = this.#session;
    if (!session) return;
    this.env
      .fetch(`${this.server}/api/v1/session`, {
        method: "DELETE",
        headers: { Authorization: `Bearer ${session.token}` },
        credentials: "omit",
        keepalive: true,
      })
      .catch(() => undefined);
  }

  #set(state: AuthState): void {
    const before = this.#state.status;
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
    if (before !== state.status) {
      this.hooks.options().onEvent?.({ type: "auth", status: state.status });
    }
  }
}

function signedOut(): OrielError {
  return new OrielError({
    code: "not_authenticated",
    message: "Nobody is signed in. Sign in to the page again.",
  });
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(aborted(signal));
  return new Promise<T>((resolve, reject) => {
    const leave = () => {
      reject(aborted(signal));
    };
    signal.addEventListener("abort", leave);
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener("abort", leave);
    });
  });
}
