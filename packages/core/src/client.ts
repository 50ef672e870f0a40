import { hashKey, QueryClient } from "@tanstack/query-core";
import {
  Content,
  type Download,
  type DownloadFormat,
  type DashboardRun,
  type DashboardRunOptions,
  type RunOptions,
} from "./content.js";
import { decode, freshLeft, type Dehydrated } from "./dehydrated.js";
import { explorableWatch, unsavedWatch, type ExplorableView, type UnsavedView } from "./explore.js";
import { surroundings, type Environment } from "./environment.js";
import { aborted, OrielError } from "./error.js";
import { checkOptions, checkSource, parseServer, type ClientOptions, type OrielEvent } from "./options.js";
import type { Session } from "./session.js";
import { SignIn } from "./signin.js";
import type { AuthState } from "./state.js";
import type {
  CollectionInfo,
  ContentKind,
  ContentPage,
  ListOptions,
  ParameterChoice,
  Parameters,
  QuestionRun,
  UnsavedAsk,
  UnsavedRun,
} from "./wire.js";
import { collectionsWatch, listWatch, type CollectionsView, type ListView } from "./list-watch.js";
import type { Watch, Watching } from "./watch.js";
import { DashboardWatch } from "./dashboard-watch.js";
import { QuestionWatch } from "./question-watch.js";

/** The part of the client that signs in; see {@link AuthState}. */
export interface Auth {
  getState: () => AuthState;
  /** Calls back after each change of the state; returns how to stop. */
  subscribe: (listener: () => void) => () => void;
  /** Begins when nothing has begun; asks no second time after a failure or sign-out. */
  begin: () => void;
  /** Signs in, also after a failure or a sign-out. Rejects with an OrielError. */
  signIn: () => Promise<void>;
  /** Ends the session here and at the server, and forgets all results. */
  signOut: () => void;
}

/** A client of one Oriel for one person; several on a page share nothing. */
export interface Client {
  readonly auth: Auth;
  /** The language that the options set. */
  readonly locale: string | undefined;
  runQuestion(id: string, options?: RunOptions): Promise<QuestionRun>;
  /** All rows of a question as a file, when `question.downloads` has the format; without it, `forbidden`. */
  downloadQuestion(id: string, format: DownloadFormat, options?: RunOptions): Promise<Download>;
  /** Runs a question that nobody saved. Without a group that may explore its source: `forbidden`. */
  runUnsaved(ask: UnsavedAsk, options?: { signal?: AbortSignal | undefined }): Promise<UnsavedRun>;
  /** All rows of a question that nobody saved, as a file. */
  downloadUnsaved(
    ask: UnsavedAsk,
    format: DownloadFormat,
    options?: { signal?: AbortSignal | undefined },
  ): Promise<Download>;
  /** Runs all cards on one streamed request. */
  runDashboard(id: string, options?: DashboardRunOptions): Promise<DashboardRun>;
  /** What a filter offers this person: the values of a list, the first and the last day of a range. */
  parameterValues(
    dashboard: string,
    parameter: string,
    options?: { signal?: AbortSignal },
  ): Promise<readonly ParameterChoice[]>;
  /** One page of the dashboards or questions that this person may view, by name. */
  listContent(
    kind: ContentKind,
    options?: ListOptions & { signal?: AbortSignal | undefined },
  ): Promise<ContentPage>;
  /** The collections that this person may view, by name. */
  listCollections(options?: { signal?: AbortSignal | undefined }): Promise<readonly CollectionInfo[]>;
  /** A page of a listing that follows its options and the sign-in. */
  watchContent(kind: ContentKind, options?: Parameters): Watch<ListView>;
  /** The collections, as the sign-in changes. */
  watchCollections(): Watch<CollectionsView>;
  /** A question that is kept up to date with its parameters and the sign-in. */
  watchQuestion(id: string, parameters?: Parameters): QuestionWatch;
  /** What this person may change a question with, as the sign-in changes. */
  watchExplorable(id: string): Watch<ExplorableView>;
  /** A question that nobody saved, which is kept up to date as it and the sign-in change. */
  watchUnsaved(ask: UnsavedAsk): Watch<UnsavedView, UnsavedAsk>;
  /** A dashboard that is kept up to date with its filters and the sign-in. */
  watchDashboard(id: string, parameters?: Parameters): DashboardWatch;
  /**
   * Takes the results that a server fetched (`dehydrate` of `@oriel/core/server`):
   * watches show them at once and don't ask for them again. Nothing is taken when
   * they are too old, for another server, or for somebody else; what is taken
   * goes when the sign-in says that it was for somebody else. Whether any was.
   */
  hydrate(state: string | undefined): boolean;
  /**
   * Takes newer options. A new token source is used at the next renewal and
   * starts nothing; a new `subject` forgets all results and signs in anew.
   */
  update(options: Omit<ClientOptions, "server" | "preferredAuthMethod" | "fetch">): void;
  /** Stops timers and requests and forgets the session; the client can be used again. */
  close(): void;
}

/**
 * Makes a client. Nothing is fetched before the first call. Options that can't
 * work throw CONFIG_INVALID. `environment` is for tests: clock, chance, network.
 */
export function createClient(options: ClientOptions, environment: Partial<Environment> = {}): Client {
  checkOptions(options);
  return new OrielClient(options, {
    ...surroundings,
    ...(options.fetch ? { fetch: options.fetch } : {}),
    ...environment,
  });
}

/** Binds sign-in, content and cache together. */
class OrielClient implements Client {
  readonly auth: Auth;
  /** Kept from the page's code: it can give the session out. */
  readonly #signIn: SignIn;
  /** Failures of the sign-in that `onError` has heard of. */
  readonly #told = new WeakSet<OrielError>();
  readonly #cache = new QueryClient({
    defaultOptions: {
      queries: {
        // Backing off and waking are the sign-in's; a failed card says so.
        retry: false,
        networkMode: "always",
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        structuralSharing: false,
      },
    },
  });
  readonly #content: Content<Session>;
  readonly #env: Environment;
  #options: ClientOptions;
  readonly #server: string;
  /** Results that a server fetched, by their query: when they were taken, and how long they are fresh. */
  readonly #taken = new Map<string, { at: number; freshFor: number }>();
  /** Counts subjects; a part of each key, so that no result changes hands. */
  #epoch = 0;
  #running = new AbortController();

  constructor(options: ClientOptions, env: Environment) {
    this.#options = options;
    this.#env = env;
    const server = parseServer(options.server);
    this.#server = server;
    const signIn = new SignIn(env, server, {
      options: () => this.#options,
      forget: (reason) => {
        this.#forget(reason);
      },
      failed: (error) => {
        this.#tell(error);
      },
    });
    this.#signIn = signIn;
    this.auth = {
      getState: () => signIn.getState(),
      subscribe: (listener) => signIn.subscribe(listener),
      begin: () => {
        signIn.begin();
      },
      signIn: () => signIn.signIn(),
      signOut: () => {
        signIn.signOut();
      },
    };
    this.#content = new Content(env, server, signIn);
  }

  get locale(): string | undefined {
    return this.#options.locale;
  }

  runQuestion(id: string, options: RunOptions = {}): Promise<QuestionRun> {
    return this.#run("question", id, options.signal, (signal) =>
      this.#content.runQuestion(id, signal, options.parameters),
    );
  }

  downloadQuestion(id: string, format: DownloadFormat, options: RunOptions = {}): Promise<Download> {
    return this.#guard(options.signal, (signal) =>
      this.#content.downloadQuestion(id, format, signal, options.parameters),
    );
  }

  runUnsaved(ask: UnsavedAsk, options: { signal?: AbortSignal | undefined } = {}): Promise<UnsavedRun> {
    return this.#run("question", "", options.signal, (signal) => this.#content.runUnsaved(ask, signal));
  }

  downloadUnsaved(
    ask: UnsavedAsk,
    format: DownloadFormat,
    options: { signal?: AbortSignal | undefined } = {},
  ): Promise<Download> {
    return this.#guard(options.signal, (signal) => this.#content.downloadUnsaved(ask, format, signal));
  }

  runDashboard(id: string, options: DashboardRunOptions = {}): Promise<DashboardRun> {
    const { parameters, onLine } = options;
    return this.#run("dashboard", id, options.signal, (signal) =>
      this.#content.runDashboard(id, signal, parameters, onLine),
    );
  }

  parameterValues(
    dashboard: string,
    parameter: string,
    options: { signal?: AbortSignal } = {},
  ): Promise<readonly ParameterChoice[]> {
    return this.#guard(options.signal, (signal) =>
      this.#content.parameterValues(dashboard, parameter, signal),
    );
  }

  listContent(
    kind: ContentKind,
    { signal, ...options }: ListOptions & { signal?: AbortSignal | undefined } = {},
  ): Promise<ContentPage> {
    return this.#guard(signal, (inner) => this.#content.list(kind, options, inner));
  }

  listCollections(options: { signal?: AbortSignal | undefined } = {}): Promise<readonly CollectionInfo[]> {
    return this.#guard(options.signal, (signal) => this.#content.collections(signal));
  }

  watchContent(kind: ContentKind, first?: Parameters): Watch<ListView> {
    return listWatch(this.#watching(kind, "list", first), (options, signal) =>
      this.listContent(kind, { ...options, signal }),
    );
  }

  watchCollections(): Watch<CollectionsView> {
    return collectionsWatch(this.#watching<Parameters>("collections", "list", undefined), (signal) =>
      this.listCollections({ signal }),
    );
  }

  watchQuestion(id: string, first?: Parameters): QuestionWatch {
    return new QuestionWatch(this.#watching(id, "question", first), (parameters, signal) =>
      this.runQuestion(id, { parameters, signal }),
    );
  }

  watchExplorable(id: string): Watch<ExplorableView> {
    return explorableWatch(this.#watching<Parameters>(id, "explorable", undefined), (outer) =>
      this.#guard(outer, (signal) => this.#content.explorable(id, signal)),
    );
  }

  watchUnsaved(ask: UnsavedAsk): Watch<UnsavedView, UnsavedAsk> {
    return unsavedWatch(this.#watching("", "question", ask), (newest, signal) =>
      this.runUnsaved(newest, { signal }),
    );
  }

  watchDashboard(id: string, first?: Parameters): DashboardWatch {
    return new DashboardWatch(this.#watching(id, "dashboard", first), (parameters, signal, onLine) =>
      this.runDashboard(id, { parameters, signal, onLine }),
    );
  }

  hydrate(text: string | undefined): boolean {
    const now = this.#env.now();
    const state = text === undefined ? undefined : decode(text, now);
    if (!state || !this.#isFor(state)) return false;
    for (const { kind, id, parameters, data, at } of state.runs) {
      const key = [this.#epoch, kind, id, parameters] as const;
      // What the page has, or has asked for itself, is newer.
      if (this.#cache.getQueryState(key)) continue;
      this.#signIn.expect(state.user);
      this.#taken.set(hashKey(key), { at: now, freshFor: freshLeft({ at }, now) });
      this.#cache.setQueryData<unknown>(key, data, { updatedAt: now });
    }
    return state.runs.length > 0;
  }

  /** Whether these results may be shown here; in doubt they may not. */
  #isFor(state: Dehydrated): boolean {
    if (state.server !== this.#server || state.subject !== this.#options.subject) return false;
    if (this.auth.getState().status === "signed-out") return false;
    const known = this.#signIn.subject;
    if (known !== undefined) return known === state.user;
    // Somebody has left this page, and who is here now isn't known yet.
    return this.#epoch === 0 || state.subject !== undefined;
  }

  update(options: Omit<ClientOptions, "server">): void {
    checkSource(options.auth, this.#options.preferredAuthMethod);
    const before = this.#options.subject;
    const { server, preferredAuthMethod } = this.#options;
    this.#options = {
      ...options,
      server,
      ...(preferredAuthMethod ? { preferredAuthMethod } : {}),
    };
    if (before !== options.subject) this.#signIn.changeSubject();
  }

  close(): void {
    this.#signIn.close();
  }

  #watching<Asked extends object = Parameters>(
    id: string,
    kind: Watching["kind"],
    parameters: Asked | undefined,
  ): Watching<Asked> {
    return {
      id,
      kind,
      auth: this.auth,
      cache: this.#cache,
      env: this.#env,
      epoch: () => this.#epoch,
      parameters,
      freshFor: (hash: string, updatedAt: number) => {
        const taken = this.#taken.get(hash);
        return taken?.at === updatedAt ? taken.freshFor : 0;
      },
    };
  }

  #tell(error: OrielError): void {
    if (this.#told.has(error)) return;
    this.#told.add(error);
    this.#options.onError?.(error);
  }

  #forget(reason: OrielError | undefined): void {
    this.#epoch++;
    this.#running.abort(reason);
    this.#running = new AbortController();
    this.#cache.clear();
    this.#taken.clear();
  }

  async #run<T>(
    kind: "question" | "dashboard",
    id: string,
    signal: AbortSignal | undefined,
    call: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const begun = this.#env.now();
    const tell = (outcome: Partial<OrielEvent>) => {
      const duration = this.#env.now() - begun;
      const event = { type: "run", kind, id, duration, ...outcome } as OrielEvent;
      this.#options.onEvent?.(event);
    };
    try {
      const value = await this.#guard(signal, call);
      tell({});
      return value;
    } catch (error) {
      if (OrielError.is(error)) {
        tell({ code: error.code });
        this.#tell(error);
      }
      throw error;
    }
  }

  /** Ends a call when its caller aborts or the subject changes. */
  async #guard<T>(outer: AbortSignal | undefined, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const subject = this.#running.signal;
    const leave = () => {
      controller.abort(aborted(outer?.aborted ? outer : subject));
    };
    if (outer?.aborted) leave();
    outer?.addEventListener("abort", leave);
    subject.addEventListener("abort", leave);
    try {
      return await call(controller.signal);
    } finally {
      outer?.removeEventListener("abort", leave);
      subject.removeEventListener("abort", leave);
    }
  }
}
