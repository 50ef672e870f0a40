import { withDeadline } from "./deadline.js";
import type { Environment } from "./environment.js";
import { OrielError } from "./error.js";
import type { TokenContext, TokenSource } from "./options.js";
import { signInLimit } from "./transport.js";

/** The host says that nobody is signed in there. */
export class SignedOutAtHost extends Error {}

type Context = Omit<TokenContext, "signal">;

/** Asks the host's endpoint for a token, with the host's own cookies. */
export function askEndpoint(
  env: Environment,
  url: string,
  init: RequestInit | undefined,
  outer: AbortSignal,
): Promise<string> {
  return withDeadline(env, signInLimit, outer, async (signal) => {
    const headers = new Headers(init?.headers);
    if (!headers.has("Accept")) headers.set("Accept", "application/json");
    let response: Response;
    try {
      response = await env.fetch(withJSON(url), {
        cache: "no-store",
        ...init,
        method: "GET",
        credentials: "include",
        headers,
        signal,
      });
    } catch (cause) {
      if (signal.aborted) throw cause;
      throw new OrielError({
        code: "HOST_UNREACHABLE",
        message: `The page's sign-in endpoint ${place(url)} gave no answer. It may be down, or it doesn't allow this page's origin with credentials (CORS).`,
        retryable: true,
        cause,
      });
    }
    if (response.status === 401 || response.status === 403) {
      throw new SignedOutAtHost();
    }
    if (!response.ok) {
      throw new OrielError({
        code: "HOST_STATUS",
        message: `The page's sign-in endpoint ${place(url)} answered ${String(response.status)}; it must answer 200 with {"jwt": "…"}, or 401 when nobody is signed in.`,
        status: response.status,
        retryable: true,
      });
    }
    const text = await response.text();
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      const type = response.headers.get("Content-Type") ?? "no content type";
      throw wrongShape(`The page's sign-in endpoint ${place(url)}`, `${type}, which isn't JSON`);
    }
    return tokenOf(`The page's sign-in endpoint ${place(url)}`, body, false);
  });
}

/** Asks the page's own function for a token. */
export function askCallback(
  env: Environment,
  source: Extract<TokenSource, { type: "callback" }>,
  context: Context,
  outer: AbortSignal,
): Promise<string> {
  return withDeadline(env, signInLimit, outer, async (signal) => {
    let answer: unknown;
    try {
      answer = await source.get({ ...context, signal });
    } catch (cause) {
      if (signal.aborted) throw cause;
      const status: unknown = (cause as { status?: unknown } | null)?.status;
      if (status === 401 || status === 403) throw new SignedOutAtHost();
      throw new OrielError({
        code: "HOST_UNREACHABLE",
        message: "The page's function that gets a sign-in token failed; its own error is the cause.",
        retryable: true,
        cause,
      });
    }
    return tokenOf("The page's function that gets a sign-in token", answer, true);
  });
}

function tokenOf(who: string, answer: unknown, bare: boolean): string {
  if (bare && typeof answer === "string") {
    return jwtOf(who, answer, "a string");
  }
  const jwt = isRecord(answer) ? answer["jwt"] : undefined;
  if (typeof jwt === "string") {
    return jwtOf(who, jwt, 'an object whose "jwt" is a string');
  }
  throw wrongShape(who, describe(answer));
}

function jwtOf(who: string, jwt: string, came: string): string {
  if (jwt.split(".").length === 3) return jwt;
  throw wrongShape(who, `${came} that isn't a JWT (three parts with dots)`);
}

function wrongShape(who: string, came: string): OrielError {
  return new OrielError({
    code: "HOST_SHAPE",
    message: `${who} must answer {"jwt": "…"}. What came is ${came}.`,
    retryable: true,
  });
}

/** Type and keys of what came; never its values. */
function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (!isRecord(value)) return value === undefined ? "nothing" : `a ${typeof value}`;
  const keys = Object.keys(value);
  if (keys.length === 0) return "an object without keys";
  const named = keys.slice(0, 10).map((key) => `${key.slice(0, 40)}: ${kind(value[key])}`);
  const more = keys.length > 10 ? ", …" : "";
  return `an object with the keys {${named.join(", ")}${more}}`;
}

function kind(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The URL with `response=json` in its query. */
function withJSON(url: string): string {
  const [before = "", hash] = url.split("#", 2);
  if (/[?&]response=json(&|$)/.test(before)) return url;
  const joint = before.includes("?") ? "&" : "?";
  return `${before}${joint}response=json${hash === undefined ? "" : `#${hash}`}`;
}

/** A URL as it may stand in a message: without query and fragment. */
function place(url: string): string {
  return url.replace(/[?#].*$/s, "");
}
