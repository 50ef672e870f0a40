import { OrielError } from "./error.js";
import type { AuthState } from "./state.js";

/** Why a host token is asked for. */
export interface TokenContext {
  reason: "initial" | "expiring" | "rejected" | "subject-changed";
  /** 1 for the first try; counts up while tries fail. */
  attempt: number;
  signal: AbortSignal;
}

/** Where the host's token comes from. */
export type TokenSource =
  | {
      type: "endpoint";
      /** Called as `GET url?response=json` with the host's cookies; without it, Oriel tells the URL. */
      url?: string;
      /** Added to that request, for headers of the host's own. */
      init?: RequestInit;
    }
  | {
      type: "callback";
      /** Gives the host's token. An error with `status` 401 or 403 means signed out at the host. */
      get(context: TokenContext): Promise<string | { jwt: string }>;
    }
  | {
      /** The identity provider signs people in; no host token is asked for. */
      type: "sso";
      protocol?: "saml";
      /** In another window, or in this one: `redirect` leaves the page and comes back by the provider's `callback_url`. */
      via?: "popup" | "redirect";
    };

/** How somebody signs in. */
export type SignInMethod = "jwt" | "saml";

/** Something that happened, for the host's own telemetry. */
export type OrielEvent =
  | { type: "auth"; status: AuthState["status"] }
  | {
      type: "run";
      kind: "question" | "dashboard";
      /** Empty for a question that nobody saved. */
      id: string;
      /** Milliseconds from call to last line. */
      duration: number;
      /** The code, when it failed. */
      code?: OrielError["code"];
    };

export interface ClientOptions {
  /** Oriel's address: scheme, host and port. */
  server: string;
  /** Without it: the endpoint that Oriel tells (discovery). */
  auth?: TokenSource;
  /** Which of the methods that are on in Oriel; without it, SAML comes before JWT. */
  preferredAuthMethod?: SignInMethod;
  /** Names who is signed in at the host; a change signs in anew and forgets all results. */
  subject?: string;
  /** The language of numbers and dates, as in `navigator.language`. */
  locale?: string;
  fetch?: typeof fetch;
  onError?(error: OrielError): void;
  onEvent?(event: OrielEvent): void;
}

function invalid(message: string): OrielError {
  return new OrielError({ code: "CONFIG_INVALID", message });
}

/** The server's address without a path or slash at its end, or CONFIG_INVALID. */
export function parseServer(server: unknown): string {
  if (typeof server !== "string" || server.trim() === "") {
    throw invalid('`server` is missing: give Oriel\'s address, such as server: "https://oriel.example.com".');
  }
  let url: URL;
  try {
    url = new URL(server);
  } catch {
    throw invalid('`server` isn\'t a URL: give scheme, host and port, such as "https://oriel.example.com".');
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw invalid("`server` must begin with https:// (or http:// in development).");
  }
  if (url.username || url.password || url.search || url.hash) {
    throw invalid("`server` must be an address alone: take away name, password, ? and #.");
  }
  return url.origin + url.pathname.replace(/\/+$/, "");
}

/** Refuses options that can't work, with a sentence that says what to do. */
export function checkOptions(options: ClientOptions): void {
  parseServer(options.server);
  const method: unknown = options.preferredAuthMethod;
  if (method !== undefined && method !== "jwt" && method !== "saml") {
    throw invalid('`preferredAuthMethod` can be "jwt" or "saml", or be left out.');
  }
  checkSource(options.auth, options.preferredAuthMethod);
}

/** Refuses a token source that can't work, alone or with the method. */
export function checkSource(source: TokenSource | undefined, method?: SignInMethod): void {
  if (source === undefined) return;
  const type: unknown = source.type;
  if (type === "sso") {
    const { protocol, via } = source as { protocol?: unknown; via?: unknown };
    if (method === "jwt") {
      throw invalid(
        '`auth.type` "sso" doesn\'t sign in by JWT: set preferredAuthMethod to "saml", or leave it out.',
      );
    }
    if (protocol !== undefined && protocol !== "saml") {
      throw invalid('`auth.protocol` can only be "saml" here: set it to "saml", or leave it out.');
    }
    if (via !== undefined && via !== "popup" && via !== "redirect") {
      throw invalid('`auth.via` must be "popup" or "redirect".');
    }
    return;
  }
  if (method === "saml") {
    throw invalid(
      '`preferredAuthMethod` "saml" takes no host token: leave `auth` and `fetchRequestToken` out, or set preferredAuthMethod to "jwt".',
    );
  }
  if (type === "callback") {
    const get: unknown = (source as { get?: unknown }).get;
    if (typeof get === "function") return;
    throw invalid("`auth.get` must be a function that gives the host's token: get: async () => ({ jwt }).");
  }
  if (type !== "endpoint") {
    throw invalid(
      '`auth.type` must be "endpoint", "callback" or "sso": a URL of your backend, a function of your page, the identity provider.',
    );
  }
  const url: unknown = (source as { url?: unknown }).url;
  if (url !== undefined && (typeof url !== "string" || url === "")) {
    throw invalid(
      "`auth.url` must be the URL of your backend's sign-in endpoint; leave it out and Oriel tells it.",
    );
  }
}
