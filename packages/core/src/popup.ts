import { finalCodes } from "./codes.js";
import type { Environment } from "./environment.js";
import { aborted, OrielError } from "./error.js";
import { browserPopups, type Popups, type PopupWindow, type Returned } from "./popups.js";
import { exchange, type Session } from "./session.js";

/** How long a person may take in the other window, in milliseconds. */
const popupLimit = 5 * 60_000;
/** How often a window is asked whether it is closed. */
const closedEvery = 500;
/** How long an answer may still be on its way when a window is closed. */
const closedGrace = 2_000;
/** How long a page that leaves may still be here. */
const leaveLimit = 10_000;

/** What a sign-in in another window needs of the page's. */
export interface WindowSignIn {
  env: Environment;
  server: string;
  /** The address that Oriel told. */
  start: string;
  /** The session that is to be renewed, if there is one. */
  held: Session | undefined;
  signal: AbortSignal;
  /** With "redirect" the page itself leaves, and comes back. */
  via: string | undefined;
  /** A window may open without a click when a session is renewed. */
  unasked: boolean;
  /** Somebody asked to sign in; whether by a click the browser knows. */
  asked: true | undefined;
  /** Hears when a window is open, and when it is over. */
  opened: (open: boolean) => void;
  /** Hears of an answer after the window was given up, and with which error that was. */
  late: (redeem: (signal: AbortSignal) => Promise<Session>, given: OrielError) => void;
}

/** Thrown when somebody must click before it goes on. */
export class ClickNeeded extends Error {
  readonly needsClick = true;

  constructor(
    /** Why: nobody is signed in, or the last window failed. */
    readonly error: OrielError,
    /** Opens the window, which is ready, at once; what it gives waits for the session. */
    readonly open: () => (signal: AbortSignal) => Promise<Session>,
  ) {
    super(error.message);
  }
}

/**
 * Signs in in another window. Without a click it only gets one ready, unless the
 * session that is held can be renewed without one. A click that is so fresh that the
 * browser still counts it is taken for that. Throws
 * {@link ClickNeeded}, or an OrielError that no click changes.
 */
export async function signInByWindow(asked: WindowSignIn): Promise<Session> {
  const renewed = asked.held?.renewable ? await renewal(asked, asked.held) : undefined;
  if (renewed) return renewed;
  const back = popupsOf(asked).returned(asked.server);
  const ready = await prepare(asked);
  if (back) return redeemed(asked, returnedWith(back), asked.signal);
  if (asked.signal.aborted) throw aborted(asked.signal);
  // A page that asks by itself would leave again and again when it comes back refused.
  const opens = asked.asked ? popupsOf(asked).clicked() : asked.unasked && !redirects(asked);
  if (!opens) {
    const nobody = new OrielError({ code: "not_authenticated", message: "Nobody is signed in yet." });
    throw clickNeeded(asked, ready, nobody);
  }
  return clickNeeded(asked, ready, blocked()).open()(asked.signal);
}

/** What each renewal was named, so that it says the same when it didn't hear the answer. */
const attempts = new WeakMap<Session, string>();

/** The next session by the one that is held; undefined when a window is needed. */
async function renewal(asked: WindowSignIn, held: Session): Promise<Session | undefined> {
  const { env, server, signal } = asked;
  const attempt = attempts.get(held) ?? popupsOf(asked).random();
  attempts.set(held, attempt);
  try {
    return await exchange(env, server, { renew: held.token, attempt }, signal);
  } catch (error) {
    const refused = OrielError.is(error) && !error.retryable && !finalCodes.has(error.code);
    if (signal.aborted || !refused) throw error;
    return undefined;
  }
}

function popupsOf({ env }: WindowSignIn): Popups {
  return env.popups ?? browserPopups;
}

function redirects({ via }: WindowSignIn): boolean {
  return via === "redirect";
}

function prepare(asked: WindowSignIn): Promise<ReadyPopup> {
  return preparePopup(asked, popupsOf(asked));
}

/** What a page that left and is back has, as if its window had said it. */
function returnedWith({ answer, state, verifier }: Returned): OpenPopup {
  const { code, error, request_id } = answerOf(answer) ?? {};
  const proof =
    code === undefined
      ? Promise.reject(refusal(error ?? "idp_refused", request_id))
      : Promise.resolve({ code, code_verifier: verifier, state });
  proof.catch(() => undefined);
  return { proof, late: new Promise(() => undefined) };
}

function clickNeeded(asked: WindowSignIn, ready: ReadyPopup, error: OrielError): ClickNeeded {
  return new ClickNeeded(error, () => {
    const controller = new AbortController();
    const opened = ready.open(controller.signal);
    return async (signal) => {
      if (!opened) throw clickNeeded(asked, ready, blocked());
      signal.addEventListener("abort", () => {
        controller.abort();
      });
      if (signal.aborted) controller.abort();
      asked.opened(true);
      try {
        return await redeemed(asked, opened, signal);
      } finally {
        asked.opened(false);
      }
    };
  });
}

/** Waits for the window and redeems what it brings. */
async function redeemed(asked: WindowSignIn, opened: OpenPopup, signal: AbortSignal): Promise<Session> {
  const redeem = (proof: PopupProof, inner: AbortSignal) => exchange(asked.env, asked.server, proof, inner);
  try {
    return await redeem(await opened.proof, signal);
  } catch (error) {
    if (signal.aborted || !OrielError.is(error) || finalCodes.has(error.code)) throw error;
    if (error.code === "POPUP_CLOSED") {
      void opened.late.then((proof) => {
        asked.late((inner) => redeem(proof, inner), error);
      });
    }
    throw clickNeeded(asked, await prepare(asked), error);
  }
}

function givenUp(): OrielError {
  return new OrielError({ code: "POPUP_CLOSED", message: "The sign-in was given up." });
}

function blocked(): OrielError {
  return new OrielError({
    code: "POPUP_BLOCKED",
    message: "The browser didn't let this page open the window to sign in.",
  });
}

/** A sign-in in another window that can begin at once, inside a click. */
export interface ReadyPopup {
  /** Opens the window; undefined when the browser doesn't let it. */
  open(signal: AbortSignal): OpenPopup | undefined;
}

/** A window in which somebody signs in. */
export interface OpenPopup {
  /** What is redeemed for a session. Rejects with an OrielError. */
  readonly proof: Promise<PopupProof>;
  /**
   * A window that looks closed may only be out of reach: an identity provider's
   * opener policy does that. What comes after `proof` was given up comes here.
   */
  readonly late: Promise<PopupProof>;
}

/** The code of a popup and what only this page has beside it (RFC 7636). */
export interface PopupProof {
  readonly code: string;
  readonly code_verifier: string;
  readonly state: string;
}

/**
 * Prepares a sign-in at the address that Oriel told. All that takes time
 * happens here, so that the window opens inside the click that asks for it.
 */
async function preparePopup(asked: WindowSignIn, popups: Popups): Promise<ReadyPopup> {
  const { env, server } = asked;
  const origin = popups.origin();
  const state = popups.random();
  const verifier = popups.random();
  const address = new URL(asked.start);
  address.searchParams.set("state", state);
  address.searchParams.set("code_challenge", await popups.challenge(verifier));
  address.searchParams.set("origin", origin);
  if (redirects(asked)) address.searchParams.set("via", "redirect");
  return {
    open: (signal) => {
      if (signal.aborted) return undefined;
      if (redirects(asked)) {
        try {
          popups.leave(address.href, { server, state, verifier, page: popups.page() });
        } catch {
          // Without storage nobody would find the way back.
          return undefined;
        }
        // Still here: the page was kept back, or is shown again as it was by the browser's button.
        const proof = later<PopupProof>();
        env.setTimeout(() => {
          proof.reject(givenUp());
        }, leaveLimit);
        return { proof: proof.promise, late: later<PopupProof>().promise };
      }
      const opened = popups.open(address.href);
      return opened ? watch(env, popups, opened, address.origin, state, verifier, signal) : undefined;
    },
  };
}

/** Waits for what the window says, or for its end. */
function watch(
  env: Environment,
  popups: Popups,
  opened: PopupWindow,
  server: string,
  state: string,
  verifier: string,
  signal: AbortSignal,
): OpenPopup {
  let timer: unknown;
  let closedAt: number | undefined;
  const began = env.now();
  const proof = later<PopupProof>();
  const late = later<PopupProof>();

  const end = () => {
    env.clearTimeout(timer);
    signal.removeEventListener("abort", leave);
    stopMessages();
    stopChannel();
  };
  const leave = () => {
    end();
    opened.close();
    proof.reject(givenUp());
  };
  const refuse = (error: OrielError) => {
    end();
    proof.reject(error);
  };
  /** Takes what says it is an answer to this very sign-in. */
  const hear = (data: unknown, trusted: boolean) => {
    const message = answerOf(data);
    if (message?.state !== state) return;
    if (!trusted) {
      refuse(
        new OrielError({
          code: "POPUP_ORIGIN",
          message: "The answer to the sign-in came from another page than Oriel's.",
        }),
      );
      return;
    }
    if (message.code === undefined) {
      refuse(refusal(message.error ?? "idp_refused", message.request_id));
      return;
    }
    end();
    const found = { code: message.code, code_verifier: verifier, state };
    proof.resolve(found);
    late.resolve(found);
  };
  const stopMessages = popups.onMessage((message) => {
    hear(message.data, message.origin === server && message.source === opened.source);
  });
  // The callback page is of this very origin, and nobody else's reaches the channel.
  const stopChannel = popups.onBroadcast((data) => {
    hear(data, true);
  });
  const look = () => {
    const now = env.now();
    if (now - began >= popupLimit) {
      refuse(
        new OrielError({ code: "POPUP_TIMEOUT", message: "The sign-in in the other window took too long." }),
      );
      return;
    }
    if (closedAt === undefined && opened.closed()) closedAt = now;
    if (closedAt !== undefined && now - closedAt >= closedGrace) {
      proof.reject(
        new OrielError({
          code: "POPUP_CLOSED",
          message: "The window was closed before the sign-in was done, or can't be reached any more.",
        }),
      );
    }
    timer = env.setTimeout(look, closedEvery);
  };
  signal.addEventListener("abort", leave);
  timer = env.setTimeout(look, closedEvery);
  return { proof: proof.promise, late: late.promise };
}

interface Answer {
  state: string;
  code?: string;
  error?: string;
  request_id?: string;
}

function answerOf(data: unknown): Answer | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const { type, state, code, error, request_id } = data as Record<string, unknown>;
  if (type !== "ORIEL_AUTH" || typeof state !== "string") return undefined;
  return {
    state,
    ...(typeof code === "string" && code !== "" ? { code } : {}),
    ...(typeof error === "string" ? { error } : {}),
    ...(typeof request_id === "string" ? { request_id } : {}),
  };
}

function refusal(code: string, reference: string | undefined): OrielError {
  return new OrielError({
    code: code as OrielError["code"],
    message: "The sign-in in the other window was refused.",
    reference,
  });
}

interface Later<T> {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
}

function later<T>(): Later<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((done, failed) => {
    resolve = done;
    reject = failed;
  });
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
