import { OrielError } from "./error.js";

/** Codes that a backend whose clock is off gets for a token that it has just signed. */
const aboutTime: ReadonlySet<string> = new Set(["token_expired", "token_too_old", "token_not_yet_valid"]);
/** A way to the server that is longer than this is no explanation, in milliseconds. */
const noticeable = 30_000;

/**
 * What was wrong with a token that came fresh from the host: CLOCK_SKEW when its
 * `iat` is far from the server's clock, otherwise `error` itself.
 */
export function clockSkew(error: unknown, jwt: string): unknown {
  if (!OrielError.is(error) || !aboutTime.has(error.code) || error.serverTime === undefined) return error;
  const issued = issuedAt(jwt);
  const off = issued === undefined ? 0 : issued - error.serverTime;
  if (Math.abs(off) < noticeable) return error;
  return new OrielError({
    code: "CLOCK_SKEW",
    message: `The clock of the page's backend is ${span(Math.abs(off))} ${off > 0 ? "ahead of" : "behind"} Oriel's, so that its tokens are refused (${error.code}).`,
    status: error.status,
    reference: error.reference,
    serverTime: error.serverTime,
    cause: error,
  });
}

/** When a token says that it was signed, in milliseconds since 1970. */
function issuedAt(jwt: string): number | undefined {
  try {
    const part = (jwt.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const claims = JSON.parse(atob(part)) as { iat?: unknown } | null;
    return typeof claims?.iat === "number" ? claims.iat * 1000 : undefined;
  } catch {
    return undefined;
  }
}

function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 120 ? `${String(seconds)} seconds` : `${String(Math.round(seconds / 60))} minutes`;
}
