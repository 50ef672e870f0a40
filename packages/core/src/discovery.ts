import type { Environment } from "./environment.js";
import { OrielError } from "./error.js";
import { askJSON, signInLimit } from "./transport.js";

const keptFor = 5 * 60_000;

/** Finds the host's sign-in endpoint by asking Oriel, and keeps it 5 minutes. */
export class Discovery {
  #found: { url: string; until: number } | undefined;

  constructor(
    private readonly env: Environment,
    private readonly server: string,
    private readonly method: string | undefined,
  ) {}

  /** The endpoint's URL; CONFIG_INVALID when the answer is another method. */
  async find(signal: AbortSignal): Promise<string> {
    if (this.#found && this.env.now() < this.#found.until) {
      return this.#found.url;
    }
    const preferred = this.method ? `&preferred_method=${this.method}` : "";
    const answer = (await askJSON(
      this.env,
      `${this.server}/auth/sso?client=sdk${preferred}`,
      { headers: { Accept: "application/json" } },
      signInLimit,
      signal,
    )) as { method?: unknown; url?: unknown } | null;
    if (answer?.method === "saml" || answer?.method === "oidc") {
      throw new OrielError({
        code: "CONFIG_INVALID",
        message: `Oriel offers ${answer.method.toUpperCase()} first, and this page signs in by JWT: set preferredAuthMethod to "jwt".`,
      });
    }
    if (typeof answer?.url !== "string" || answer.method !== "jwt") {
      throw new OrielError({
        code: "VERSION",
        message:
          "The answer to the question how to sign in isn't one that this version of the SDK understands. Check that `server` is Oriel's address.",
      });
    }
    this.#found = { url: answer.url, until: this.env.now() + keptFor };
    return answer.url;
  }

  /** Asks anew next time: what was found didn't work. */
  forget(): void {
    this.#found = undefined;
  }
}
