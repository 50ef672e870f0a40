import { withDeadline } from "./deadline.js";
import type { Environment } from "./environment.js";
import { errorFromProblem, OrielError } from "./error.js";
import type { Problem } from "./wire.js";

/** How long a request of the sign-in may take, in milliseconds. */
export const signInLimit = 30_000;

/** Sends a request to Oriel; an answer that never comes is NETWORK. */
export async function send(env: Environment, url: string, init: RequestInit): Promise<Response> {
  try {
    // Credentials are left out: sessions travel in a header, never a cookie.
    return await env.fetch(url, { ...init, credentials: "omit" });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new OrielError({
      code: "NETWORK",
      message: `${new URL(url).origin} gave no answer. It may be down, the connection may be, or this page's origin is not allowed there.`,
      retryable: true,
      cause,
    });
  }
}

/** Asks Oriel for JSON; whatever isn't a success is thrown as an OrielError. */
export function askJSON(
  env: Environment,
  url: string,
  init: RequestInit,
  limit: number,
  outer: AbortSignal | undefined,
): Promise<unknown> {
  return withDeadline(env, limit, outer, async (signal) => {
    const response = await send(env, url, { ...init, signal });
    if (!response.ok) throw await failureOf(response);
    return parseJSON(response, await bodyOf(response, signal));
  });
}

async function bodyOf(response: Response, signal: AbortSignal): Promise<string> {
  try {
    return await response.text();
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new OrielError({
      code: "NETWORK",
      message: "The connection broke off in the middle of an answer.",
      status: response.status,
      retryable: true,
      cause,
    });
  }
}

function parseJSON(response: Response, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw notOriel(response);
  }
}

/** What an answer that is no success says went wrong. */
export async function failureOf(response: Response): Promise<OrielError> {
  const text = await response.text().catch(() => "");
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  if (isProblem(body)) {
    return errorFromProblem({ ...body, status: response.status }, retryAfterOf(response));
  }
  if (response.status >= 500 || response.status === 429) {
    return new OrielError({
      code: "NETWORK",
      message: `A machine between this page and Oriel answered ${String(response.status)}.`,
      status: response.status,
      retryable: true,
      retryAfter: retryAfterOf(response),
    });
  }
  return notOriel(response);
}

function isProblem(body: unknown): body is Problem {
  if (typeof body !== "object" || body === null) return false;
  const { code, title, detail } = body as Record<string, unknown>;
  return typeof code === "string" && (typeof detail === "string" || typeof title === "string");
}

function retryAfterOf(response: Response): number | undefined {
  const seconds = Number(response.headers.get("Retry-After") ?? "");
  return seconds > 0 ? seconds * 1000 : undefined;
}

/** The answer of something that isn't an Oriel that this SDK knows. */
export function notOriel(response: Response): OrielError {
  const type = response.headers.get("Content-Type") ?? "no content type";
  return misunderstood(`The answer (${String(response.status)}, ${type})`, response.status);
}

/** What was answered is not what Oriel answers to this version of the SDK. */
export function misunderstood(what: string, status?: number): OrielError {
  return new OrielError({
    code: "VERSION",
    message: `${what} isn't one that this version of the SDK understands. Check that \`server\` is Oriel's address.`,
    status,
  });
}
