import { adviceFor, type ErrorCode } from "./codes.js";
import type { Problem } from "./wire.js";

const pages = "https://github.com/oriel-bi/oriel/blob/main/docs/errors/";

/** What an {@link OrielError} is made of. */
export interface ErrorParts {
  code: ErrorCode;
  message: string;
  status?: number | undefined;
  reference?: string | undefined;
  retryable?: boolean;
  retryAfter?: number | undefined;
  fields?: Record<string, string> | undefined;
  words?: string | undefined;
  serverTime?: number | undefined;
  cause?: unknown;
}

/**
 * The one class of failure that the SDK throws. It never carries a token nor
 * a value that a host or a database answered.
 */
export class OrielError extends Error {
  override readonly name = "OrielError";
  readonly code: ErrorCode;
  /** The HTTP status, when there was an answer. */
  readonly status: number | undefined;
  /** The server's name for the request, as in its log. */
  readonly requestId: string | undefined;
  /** The same, as people quote it to each other (`XK7-4QF`). */
  readonly reference: string | undefined;
  /** Whether the same call can succeed later without anybody's doing. */
  readonly retryable: boolean;
  /** How long the server asked to wait, in milliseconds. */
  readonly retryAfter: number | undefined;
  /** What is wrong with which field of an invalid request. */
  readonly fields: Readonly<Record<string, string>> | undefined;
  /** What is wrong with a chart's query; the server tells only who may edit it. */
  readonly words: string | undefined;
  /** The server's clock, in milliseconds since 1970; with the codes about time. */
  readonly serverTime: number | undefined;

  constructor(parts: ErrorParts) {
    super(parts.message, parts.cause === undefined ? {} : { cause: parts.cause });
    this.code = parts.code;
    this.status = parts.status;
    this.requestId = parts.reference;
    this.reference = parts.reference;
    this.retryable = parts.retryable ?? false;
    this.retryAfter = parts.retryAfter;
    this.fields = parts.fields;
    this.words = parts.words;
    this.serverTime = parts.serverTime;
  }

  /** The page that tells cause and fix. */
  get docs(): string {
    return `${pages}${this.code}.md`;
  }

  /** One sentence that says what to do next. */
  get advice(): string {
    return adviceFor(this.code);
  }

  /** Whether `error` is one of ours, and of this code when one is given. */
  static is(error: unknown, code?: ErrorCode): error is OrielError {
    return error instanceof OrielError && (code === undefined || error.code === code);
  }
}

/** The failure that a problem document tells of. */
export function errorFromProblem(problem: Problem, retryAfter?: number): OrielError {
  const { status } = problem;
  return new OrielError({
    code: problem.code as ErrorCode,
    message: problem.detail || problem.title,
    status,
    reference: problem.request_id,
    retryable: status === 429 || status >= 500,
    retryAfter,
    fields: problem.fields,
    words: problem.words,
    serverTime: problem.server_time === undefined ? undefined : problem.server_time * 1000,
  });
}

/** Why a call was ended from outside: the caller's own reason, or an AbortError. */
export function aborted(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new DOMException("The call was aborted.", "AbortError");
}
