import {
  checkOptions,
  OrielError,
  type ClientOptions,
  type SignInMethod,
  type TokenContext,
  type TokenSource,
} from "@oriel/core";

/** What `defineAuthConfig` takes. */
export interface AuthConfigOptions {
  /** Oriel's address: scheme, host and port. */
  server: string;
  /** Where the host's token comes from; without it, Oriel tells the endpoint. */
  auth?: TokenSource;
  /** Short for a callback source. */
  fetchRequestToken?: (context: TokenContext) => Promise<string | { jwt: string }>;
  /** Which of the methods that are on in Oriel; without it, SAML comes before JWT. */
  preferredAuthMethod?: SignInMethod;
  /** Names who is signed in at the host; a change signs in anew and forgets all results. */
  subject?: string;
  fetch?: typeof fetch;
}

/** How the provider signs in; made by {@link defineAuthConfig}. */
export type AuthConfig = Pick<ClientOptions, "server" | "auth" | "preferredAuthMethod" | "subject" | "fetch">;

const known = ["server", "auth", "fetchRequestToken", "preferredAuthMethod", "subject", "fetch"];

/**
 * Checks how the page signs in to Oriel, once, where the mistake is made.
 * Throws an OrielError CONFIG_INVALID whose sentence says what to change.
 */
export function defineAuthConfig(options: AuthConfigOptions): AuthConfig {
  if (typeof options !== "object" || options === null) {
    throw invalid(
      'defineAuthConfig needs an object: defineAuthConfig({ server: "https://oriel.example.com" }).',
    );
  }
  if ("authProviderUri" in options) {
    throw invalid(
      "`authProviderUri` isn't set in the page: set it in Oriel's console under Authentication > JWT, and leave it out here.",
    );
  }
  const strange = Object.keys(options).find((key) => !known.includes(key));
  if (strange !== undefined) {
    throw invalid(`defineAuthConfig doesn't know \`${strange}\`: it takes ${known.join(", ")}.`);
  }
  const { fetchRequestToken, ...rest } = options;
  if (fetchRequestToken === undefined) {
    checkOptions(rest);
    return rest;
  }
  const method: unknown = options.preferredAuthMethod;
  if (method !== undefined && method !== "jwt") {
    throw invalid('`fetchRequestToken` signs in by JWT: set preferredAuthMethod to "jwt".');
  }
  if (rest.auth !== undefined) {
    throw invalid("`auth` and `fetchRequestToken` are two token sources: give one of them.");
  }
  if (typeof fetchRequestToken !== "function") {
    throw invalid(
      "`fetchRequestToken` must be a function that gives the host's token: async () => ({ jwt }).",
    );
  }
  const config: AuthConfig = {
    ...rest,
    auth: { type: "callback", get: fetchRequestToken },
  };
  checkOptions(config);
  return config;
}

function invalid(message: string): OrielError {
  return new OrielError({ code: "CONFIG_INVALID", message });
}
