import type { DashboardRun } from "./content.js";
import type { Parameters, QuestionRun } from "./wire.js";

/** How long results that a server fetched count as fresh, in milliseconds. */
const freshFor = 5 * 60_000;

/** One result that a server fetched for the first render. */
export type FetchedRun = {
  id: string;
  parameters: Parameters;
  /** When it was fetched, in milliseconds since 1970. */
  at: number;
} & ({ kind: "question"; data: QuestionRun } | { kind: "dashboard"; data: DashboardRun });

/** What a server hands to the page: results, and for whom alone they are. */
export interface Dehydrated {
  version: 1;
  /** The server's address, as the page has it. */
  server: string;
  /** The user's id at Oriel. */
  user: string;
  /** The host's name for the same person. */
  subject?: string;
  /** When the session ends under which they were fetched, in milliseconds since 1970. */
  ends: number;
  runs: readonly FetchedRun[];
}

/**
 * As JSON in which nothing ends a `<script>`, opens a comment or breaks a line
 * of JavaScript, so that it can stand between script tags as it is.
 */
export function encode(state: Dehydrated): string {
  return JSON.stringify(state).replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Reads what {@link encode} wrote; whatever isn't that, or is too old, counts for nothing. */
export function decode(text: unknown, now: number): Dehydrated | undefined {
  let state: unknown;
  try {
    state = JSON.parse(String(text));
  } catch {
    return undefined;
  }
  if (!isRecord(state) || state["version"] !== 1) return undefined;
  const { server, user, subject, ends, runs } = state;
  if (typeof server !== "string" || typeof user !== "string" || user === "") return undefined;
  if (subject !== undefined && typeof subject !== "string") return undefined;
  if (typeof ends !== "number" || now >= ends || !Array.isArray(runs)) return undefined;
  return {
    version: 1,
    server,
    user,
    ...(subject === undefined ? {} : { subject }),
    ends,
    runs: runs.filter(isRun).filter((run) => freshLeft(run, now) > 0),
  };
}

/** How long a result is still fresh; one from the future has a clock that can't be trusted. */
export function freshLeft({ at }: Pick<FetchedRun, "at">, now: number): number {
  return Math.abs(now - at) < freshFor ? Math.min(freshFor, at + freshFor - now) : 0;
}

function isRun(run: unknown): run is FetchedRun {
  if (!isRecord(run) || typeof run["id"] !== "string" || typeof run["at"] !== "number") return false;
  const { kind, data, parameters } = run;
  if (!isRecord(data) || !isRecord(parameters)) return false;
  if (kind === "question") {
    const { question, result } = data;
    return isRecord(question) && isRecord(question["chart"]) && isResult(result);
  }
  const { dashboard, cards, results, complete } = data;
  return (
    kind === "dashboard" &&
    isRecord(dashboard) &&
    Array.isArray(cards) &&
    isRecord(results) &&
    complete === true
  );
}

function isResult(result: unknown): boolean {
  return isRecord(result) && Array.isArray(result["columns"]) && Array.isArray(result["values"]);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
