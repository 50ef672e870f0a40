import type { Environment } from "./environment.js";
import type { SignInMethod } from "./options.js";
import { askJSON, misunderstood, signInLimit } from "./transport.js";

const keptFor = 5 * 60_000;

/** How somebody signs in, and where. */
export interface Found {
  method: SignInMethod;
  /** Of jwt the host's endpoint, of saml the address that a window is opened at. */
  url: string;
}

/** Finds out how to sign in by asking Oriel, and keeps it 5 minutes. */
export class Discovery {
  #found: { answer: Found; preferred: string | undefined; until: number } | undefined;

  constructor(
    private readonly env: Environment,
    private readonly server: string,
  ) {}

  /** Asks for a method; without one, for whichever Oriel offers first. */
  async find(preferred: SignInMethod | undefined, signal: AbortSignal): Promise<Found> {
    if (this.#found && this.#found.preferred === preferred && this.env.now() < this.#found.until) {
      return this.#found.answer;
    }
    const query = preferred ? `&preferred_method=${preferred}` : "";
    const answer = (await askJSON(
      this.env,
      `${this.server}/auth/sso?client=sdk${query}`,
      { headers: { Accept: "application/json" } },
      signInLimit,
      signal,
    )) as { method?: unknown; url?: unknown } | null;
    const method = answer?.method;
    if (typeof answer?.url !== "string" || (method !== "jwt" && method !== "saml")) {
      throw misunderstood("The answer to how to sign in");
    }
    const found: Found = { method, url: answer.url };
    this.#found = { answer: found, preferred, until: this.env.now() + keptFor };
    return found;
  }

  /** Asks anew next time: what was found didn't work. */
  forget(): void {
    this.#found = undefined;
  }
}
