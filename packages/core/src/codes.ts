/** The codes of the server (`sign-in.md` §9 and the content endpoints). */
export type ServerCode =
  | "sso_not_configured"
  | "embedding_disabled"
  | "auth_method_unavailable"
  | "provider_ambiguous"
  | "provider_unknown"
  | "origin_not_allowed"
  | "redirect_not_allowed"
  | "token_malformed"
  | "token_signature"
  | "token_key_unknown"
  | "token_expired"
  | "token_too_old"
  | "token_not_yet_valid"
  | "token_lifetime"
  | "token_replayed"
  | "audience_mismatch"
  | "issuer_mismatch"
  | "algorithm_not_allowed"
  | "claim_missing"
  | "claim_invalid"
  | "user_not_provisioned"
  | "user_deactivated"
  | "tenant_mismatch"
  | "tenant_required"
  | "tenant_deactivated"
  | "tenant_unknown"
  | "account_not_linkable"
  | "session_invalid"
  | "session_expired"
  | "session_revoked"
  | "origin_mismatch"
  | "scope_denied"
  | "saml_response_invalid"
  | "saml_not_requested"
  | "saml_replayed"
  | "idp_refused"
  | "code_invalid"
  | "rate_limited"
  | "keys_unavailable"
  | "api_key_invalid"
  | "api_key_expired"
  | "api_key_not_for_production"
  | "invalid_request"
  | "not_authenticated"
  | "forbidden"
  | "cross_site_request"
  | "logout_request_invalid"
  | "not_found"
  | "conflict"
  | "too_large"
  | "query_refused"
  | "query_failed"
  | "source_unavailable"
  | "store_unavailable"
  | "internal";

/** The codes that the SDK itself finds. */
export type SdkCode =
  /** The options given to the SDK can't work as they are. */
  | "CONFIG_INVALID"
  /** The host's sign-in endpoint or callback gave no answer at all. */
  | "HOST_UNREACHABLE"
  /** The host's sign-in endpoint answered with a status that is no success. */
  | "HOST_STATUS"
  /** The host's answer isn't `{"jwt": "…"}`. */
  | "HOST_SHAPE"
  /** The browser didn't let the page open a window to sign in. */
  | "POPUP_BLOCKED"
  /** The window was closed before the sign-in was done, or is out of reach. */
  | "POPUP_CLOSED"
  /** The answer to a sign-in came from another page than Oriel's. */
  | "POPUP_ORIGIN"
  /** Nobody ended the sign-in in the other window in time. */
  | "POPUP_TIMEOUT"
  /** The clock of the host's backend is too far from Oriel's. */
  | "CLOCK_SKEW"
  /** Oriel gave no answer, or its answer broke off. */
  | "NETWORK"
  /** No answer in time. */
  | "TIMEOUT"
  /** The answer isn't one that this version of the SDK understands. */
  | "VERSION";

/** What went wrong, for programs; each code has a page in the docs. */
export type ErrorCode = ServerCode | SdkCode;

/** Refusals of the person: what was shown to them goes, and nothing is asked any more. */
export const finalCodes: ReadonlySet<string> = new Set(["user_deactivated", "tenant_deactivated"]);

const advice: Partial<Record<ErrorCode, string>> = {
  CONFIG_INVALID: "Correct the options that the page gives to Oriel.",
  HOST_UNREACHABLE:
    "Check that the page's sign-in endpoint runs, and that it allows this page's origin with credentials (CORS).",
  HOST_STATUS: "Look into the log of the page's sign-in endpoint.",
  HOST_SHAPE: 'Let the page\'s sign-in endpoint answer {"jwt": "…"} as JSON.',
  POPUP_BLOCKED: "Let this page open windows, then sign in.",
  POPUP_CLOSED: "Sign in again, and let the window close itself.",
  POPUP_ORIGIN: "Sign in again.",
  POPUP_TIMEOUT: "Sign in again.",
  CLOCK_SKEW: "Set the clock of the page's backend by a time server (NTP).",
  NETWORK: "Check the connection, then try again.",
  TIMEOUT: "Try again in a moment.",
  VERSION: "Check that `server` is Oriel's address, and that SDK and server are of matching versions.",
  not_authenticated: "Sign in to see your figures.",
  idp_refused: "Ask your company to let you in.",
  user_deactivated: "Ask the people who run this page to let you in again.",
  tenant_deactivated: "Ask the people who run this page to let your organisation in again.",
  origin_not_allowed: "Add this page's origin to Oriel's list of authorized origins.",
  sso_not_configured: "Set up a sign-in provider in Oriel.",
  token_expired: "Let the page's backend sign a new token for each request, and set its clock.",
  token_too_old: "Let the page's backend sign a new token for each request, and set its clock.",
  token_replayed: "Let the page's backend sign a new token for each request.",
  token_not_yet_valid: "Set the clock of the page's backend.",
  token_signature: "Check that backend and Oriel use the same key.",
  token_key_unknown: "Check that backend and Oriel use the same key.",
  rate_limited: "Try again in a moment.",
  keys_unavailable: "Try again in a moment.",
  store_unavailable: "Try again in a moment.",
  source_unavailable: "Try again in a moment.",
};

/** One sentence that says what to do about a code, for the error card. */
export function adviceFor(code: ErrorCode): string {
  const origin = globalThis.location?.origin;
  if (code === "origin_not_allowed" && origin === "null") {
    return "Show this page from an address of its own, not from a file or in a sandboxed frame.";
  }
  const sentence = advice[code] ?? "Give the reference to the people who run this page.";
  return origin === undefined || origin === "null"
    ? sentence
    : sentence.replace("this page's origin", origin);
}
