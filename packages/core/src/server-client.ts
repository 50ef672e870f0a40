import { notInBrowsers } from "./backend-session.js";
import { Content, setOnes, type DashboardRun, type RunOptions } from "./content.js";
import { withDeadline } from "./deadline.js";
import { encode, type FetchedRun } from "./dehydrated.js";
import { surroundings, type Environment } from "./environment.js";
import { OrielError } from "./error.js";
import { parseServer } from "./options.js";
import type { Sessions } from "./session.js";
import type { QuestionRun, User } from "./wire.js";

export interface ServerClientOptions {
  /** Oriel's address, as the page has it. */
  server: string;
  /** Where this machine reaches Oriel, when that is another address. */
  internalServer?: string;
  /** A session of `openBackendSession`; it stays on this machine. */
  session: string;
  /** The same `subject` that the page gives to its client; a page of another person then shows nothing of it. */
  subject?: string;
  /** How long a page waits for a prefetch, in milliseconds; default 5,000. */
  timeout?: number;
  fetch?: typeof fetch;
  /** Hears why a prefetch brought nothing; the page asks for itself then. */
  onError?(error: OrielError): void;
}

/** A client of one Oriel for one person and one render, on a server. */
export interface ServerClient {
  runQuestion(id: string, options?: RunOptions): Promise<QuestionRun>;
  runDashboard(id: string, options?: RunOptions): Promise<DashboardRun>;
  /** Fetches a result for the first render. Never rejects: without it the page asks for itself. */
  prefetchQuestion(id: string, options?: Pick<RunOptions, "parameters">): Promise<void>;
  prefetchDashboard(id: string, options?: Pick<RunOptions, "parameters">): Promise<void>;
  /**
   * What was prefetched, as a text that can stand in the page; undefined when
   * there is nothing. Waits for prefetches that are on their way. It is for this
   * person alone, holds for five minutes and has no token in it.
   */
  dehydrate(): Promise<string | undefined>;
}

/** Makes a client for one render. Options that can't work throw CONFIG_INVALID. */
export function createServerClient(options: ServerClientOptions): ServerClient {
  notInBrowsers("createServerClient");
  if (typeof options.session !== "string" || options.session === "") {
    throw invalid("`session` is missing: give the session of openBackendSession({ server, jwt }).");
  }
  const env = { ...surroundings, ...(options.fetch ? { fetch: options.fetch } : {}) };
  return new OrielServerClient(options, env, parseServer(options.server));
}

interface Person {
  user: User;
  ends: number;
}

class OrielServerClient implements ServerClient {
  readonly #content: Content;
  readonly #runs: FetchedRun[] = [];
  readonly #pending = new Set<Promise<void>>();
  #person: Promise<Person> | undefined;
  readonly #options: ServerClientOptions;

  constructor(
    options: ServerClientOptions,
    private readonly env: Environment,
    private readonly server: string,
  ) {
    this.#options = options;
    const reached = options.internalServer === undefined ? server : parseServer(options.internalServer);
    this.#content = new Content(env, reached, oneSession(options.session));
  }

  runQuestion(id: string, { signal, parameters }: RunOptions = {}): Promise<QuestionRun> {
    return this.#content.runQuestion(id, signal ?? never(), parameters);
  }

  runDashboard(id: string, { signal, parameters }: RunOptions = {}): Promise<DashboardRun> {
    return this.#content.runDashboard(id, signal ?? never(), parameters);
  }

  prefetchQuestion(id: string, { parameters }: Pick<RunOptions, "parameters"> = {}): Promise<void> {
    return this.#prefetch(async (signal) => {
      const data = await this.runQuestion(id, { signal, parameters });
      return { kind: "question", id, parameters: setOnes(parameters), at: this.env.now(), data };
    });
  }

  prefetchDashboard(id: string, { parameters }: Pick<RunOptions, "parameters"> = {}): Promise<void> {
    return this.#prefetch(async (signal) => {
      const data = await this.runDashboard(id, { signal, parameters });
      // A card that failed here may do well when the page asks for itself.
      if (Object.values(data.results).some((line) => line.error)) return undefined;
      return { kind: "dashboard", id, parameters: setOnes(parameters), at: this.env.now(), data };
    });
  }

  async dehydrate(): Promise<string | undefined> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
    if (this.#runs.length === 0) return undefined;
    let person: Person;
    try {
      person = await this.#who();
    } catch (error) {
      this.#person = undefined;
      if (!OrielError.is(error) || error.code === "CONFIG_INVALID") throw error;
      this.#options.onError?.(error);
      return undefined;
    }
    const { subject, session } = this.#options;
    const text = encode({
      version: 1,
      server: this.server,
      user: person.user.id,
      ...(subject === undefined ? {} : { subject }),
      ends: person.ends,
      runs: this.#runs,
    });
    if (!text.includes(session)) return text;
    throw invalid("A result holds the session itself, so that it can't be given to a page.");
  }

  #prefetch(run: (signal: AbortSignal) => Promise<FetchedRun | undefined>): Promise<void> {
    this.#who().catch(() => undefined);
    const limit = this.#options.timeout ?? 5_000;
    const pending = withDeadline(this.env, limit, undefined, run).then(
      (fetched) => {
        this.#pending.delete(pending);
        if (fetched) this.#runs.push(fetched);
      },
      (error: unknown) => {
        this.#pending.delete(pending);
        if (OrielError.is(error)) this.#options.onError?.(error);
      },
    );
    this.#pending.add(pending);
    return pending;
  }

  /** Whose session it is. What an API key or an administrator may see is not for a page. */
  #who(): Promise<Person> {
    const limit = this.#options.timeout ?? 5_000;
    this.#person ??= withDeadline(this.env, limit, undefined, async (signal) => {
      const { kind, user, expires_at, server_time } = await this.#content.session(signal);
      if (kind !== "backend") {
        throw invalid(
          `\`session\` is of the kind ${kind}: results for a page are fetched with the session of the page's own person, of openBackendSession({ server, jwt }).`,
        );
      }
      return { user, ends: this.env.now() + (expires_at - server_time) * 1000 };
    });
    return this.#person;
  }
}

/** The one session of a render; when Oriel doesn't take it, there is no other. */
function oneSession(token: string): Sessions {
  return {
    session: (_, refused) =>
      refused === undefined
        ? Promise.resolve({ token })
        : Promise.reject(
            new OrielError({
              code: "session_invalid",
              message: "Oriel takes the backend session no longer: open a new one.",
              status: 401,
            }),
          ),
    refused: () => undefined,
  };
}

function never(): AbortSignal {
  return new AbortController().signal;
}

function invalid(message: string): OrielError {
  return new OrielError({ code: "CONFIG_INVALID", message });
}
