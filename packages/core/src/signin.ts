import { clockSkew } from "./clock-skew.js";
import { finalCodes } from "./codes.js";
import { Discovery } from "./discovery.js";
import type { Environment } from "./environment.js";
import { aborted, OrielError } from "./error.js";
import { askCallback, askEndpoint, SignedOutAtHost } from "./host.js";
import type { ClientOptions, TokenContext } from "./options.js";
import type { ClickNeeded } from "./popup.js";
import { exchange, type Session, type Sessions } from "./session.js";
import type { AuthState } from "./state.js";

/** Longest sleep of a timer; after it the clock is read again, as after a laptop's lid. */
const longestSleep = 60_000;
const firstDelay = 1_000;
const longestDelay = 60_000;

/** Refusals that a token fresh from the host can cure, when the host kept one. */
const curable: ReadonlySet<string> = new Set(["token_expired", "token_too_old", "token_replayed"]);

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
  /** A window is open; requests don't wait for it while the held session is good. */
  #windowOpen = false;
  /** What to ask for once the session that is still good has ended. */
  #needed: ClickNeeded | undefined;
  readonly #discovery: Discovery;

  constructor(
    private readonly env: Environment,
    private readonly server: string,
    private readonly hooks: SignInHooks,
  ) {
    this.#discovery = new Discovery(env, server);
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
    if (this.#state.status === "interaction-required") {
      await this.#state.begin();
      return;
    }
    if (this.#pending === undefined && !this.#usable(this.#session)) {
      await this.#start("initial", true);
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
    if (this.#windowOpen && this.#usable(held)) return held;
    if (this.#pending === undefined) {
      if (this.#usable(held)) {
        if (backingOff || this.env.now() < held.renewAt) return held;
      } else {
        const { status } = this.#state;
        if (status === "signed-out") throw this.#lastError ?? signedOut();
        if (this.#lastError && (backingOff || status === "error" || status === "interaction-required")) {
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
    if (session === this.#session && finalCodes.has(error.code)) this.#leave("server", error);
  }

  #usable(session: Session | undefined): session is Session {
    return session !== undefined && session !== this.#refused && this.env.now() < session.expiresAt;
  }

  #start(reason: Reason, asked?: true): Promise<Session> {
    return this.#run((attempt, signal) => this.#obtain(reason, attempt, signal, asked));
  }

  /** Makes one attempt, whose outcome the state tells. */
  #run(obtain: (attempt: number, signal: AbortSignal) => Promise<Session>): Promise<Session> {
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
    const pending = obtain(attempt, signal).then(
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
        : { status: "authenticating", attempt, ...(this.#windowOpen ? { inWindow: true } : {}) },
    );
    return pending;
  }

  async #obtain(reason: Reason, attempt: number, signal: AbortSignal, asked?: true): Promise<Session> {
    const { auth, preferredAuthMethod } = this.hooks.options();
    const sso = auth?.type === "sso" ? "saml" : preferredAuthMethod;
    if (auth === undefined || auth.type === "sso") {
      const found = await this.#discovery.find(sso, signal);
      if (found.method === "saml") return this.#bySSO(found.url, signal, asked);
    }
    const jwt = await this.#hostToken({ reason, attempt }, signal);
    try {
      return await exchange(this.env, this.server, { jwt }, signal);
    } catch (error) {
      if (!OrielError.is(error) || !curable.has(error.code)) throw clockSkew(error, jwt);
    }
    const fresh = await this.#hostToken({ reason: "rejected", attempt: attempt + 1 }, signal);
    try {
      return await exchange(this.env, this.server, { jwt: fresh }, signal);
    } catch (error) {
      // A host that gives the same token again keeps tokens; its clock may be right.
      throw fresh === jwt ? error : clockSkew(error, fresh);
    }
  }

  /** Signs in in another window; the code for it comes only to pages that need it. */
  async #bySSO(start: string, signal: AbortSignal, asked?: true): Promise<Session> {
    const { signInByWindow } = await import("./popup.js");
    return signInByWindow({
      env: this.env,
      server: this.server,
      start,
      held: this.#session,
      signal,
      via: (this.hooks.options().auth as { via?: string } | undefined)?.via,
      // Only while somebody is at work: nobody is surprised by a window.
      unasked: this.#usable(this.#session),
      asked,
      opened: (open) => {
        this.#windowOpen = open;
        if (open && this.#state.status === "authenticating") this.#set({ ...this.#state, inWindow: true });
      },
      // Not once anything else has begun: then it may be somebody else's.
      late: (redeem, given) => {
        if ((this.#state as { error?: OrielError }).error === given)
          void this.#run((_, inner) => redeem(inner));
      },
    });
  }

  /** Asks for the click in which the window opens. */
  #askToBegin({ error, open }: ClickNeeded): void {
    const begin = async (): Promise<void> => {
      if (this.#state !== state) return this.signIn();
      // Nothing may come between the click and the window.
      const opened = open();
      await this.#run((_, signal) => opened(signal));
    };
    this.#session = undefined;
    const state = { status: "interaction-required", code: error.code, error, begin } as const;
    this.#set(state);
  }

  async #hostToken(context: Omit<TokenContext, "signal">, signal: AbortSignal): Promise<string> {
    const source = this.hooks.options().auth ?? { type: "endpoint" };
    if (source.type === "callback") {
      return askCallback(this.env, source, context, signal);
    }
    if (source.type === "sso") throw notByToken();
    if (source.url !== undefined) return askEndpoint(this.env, source.url, source.init, signal);
    const { preferredAuthMethod } = this.hooks.options();
    const found = await this.#discovery.find(preferredAuthMethod, signal);
    if (found.method === "saml") throw notByToken();
    return askEndpoint(this.env, found.url, source.init, signal);
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
    if (isClickNeeded(cause)) return this.#needsClick(cause);
    const error = OrielError.is(cause)
      ? cause
      : new OrielError({
          code: "CONFIG_INVALID",
          message: "The sign-in failed with the page's options; the cause says why.",
          cause,
        });
    if (finalCodes.has(error.code)) {
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

  /** While the old session is good it goes on being used; then somebody is asked. */
  #needsClick(needed: ClickNeeded): OrielError {
    const { error } = needed;
    const session = this.#session;
    this.#lastError = error;
    if (this.#usable(session)) {
      this.#needed = needed;
      this.#retryAt = session.expiresAt;
      this.#set({ status: "degraded", user: session.user, cause: error, retryAt: session.expiresAt });
      this.#tick();
    } else {
      // It was ended, here or where the person signed in: what it showed goes.
      if (session && session === this.#refused) this.hooks.forget(error);
      this.#askToBegin(needed);
    }
    if (error.code !== "not_authenticated") this.hooks.failed(error);
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
      // One that can renew itself does so when the network is back.
      if (!(error.retryable && session?.renewable)) this.#session = undefined;
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
    if (this.#needed && !usable) {
      this.#retryAt = undefined;
      this.#askToBegin(this.#needed);
      return;
    }
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
    this.#needed = undefined;
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

function isClickNeeded(cause: unknown): cause is ClickNeeded {
  return typeof cause === "object" && cause !== null && "needsClick" in cause;
}

function notByToken(): OrielError {
  return new OrielError({
    code: "CONFIG_INVALID",
    message: 'Oriel offers SAML, and this page signs in by JWT: set preferredAuthMethod to "jwt".',
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
