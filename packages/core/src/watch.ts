import { hashKey, QueryObserver, type QueryClient } from "@tanstack/query-core";
import type { Auth } from "./client.js";
import { setOnes } from "./content.js";
import type { Environment } from "./environment.js";
import { OrielError } from "./error.js";
import type { Parameters } from "./wire.js";

/** What is kept up to date, for whoever shows it; `Asked` is what it is run with. */
export interface Watch<View, Asked extends object = Parameters> {
  /** Runs on the first subscriber, calls back on each change, and stops with the last. */
  subscribe(listener: () => void): () => void;
  /** The same object until something changes. */
  getSnapshot: () => View;
  /** Runs anew when the parameters differ; what was shown stays, marked as stale. */
  setParameters: (parameters: Asked | undefined) => void;
  /** Runs again with the same parameters. */
  reload: () => void;
}

/** What a watch needs of its client. */
export interface Watching<Asked extends object = Parameters> {
  id: string;
  kind: "question" | "dashboard" | "list" | "explorable";
  auth: Auth;
  cache: QueryClient;
  env: Environment;
  /** Changes with the subject. */
  epoch(): number;
  /** How long after its arrival a result counts as fresh, in milliseconds: only what a server fetched does. */
  freshFor: (queryHash: string, updatedAt: number) => number;
  /** The parameters of the first run. */
  parameters?: Asked | undefined;
}

/** Where a run stands: the raw material of a view. */
export interface Progress<Data> {
  data: Data | undefined;
  error: OrielError | undefined;
  /** On its way, or waiting for the sign-in. */
  loading: boolean;
}

type Fetch<Data, Asked> = (
  parameters: Asked,
  signal: AbortSignal,
  progress: (data: Data) => void,
) => Promise<Data>;

/**
 * Keeps one run up to date: shares it with others of the same key, follows
 * parameters, sign-in and subject, and never shows one subject another's
 * results, because the epoch is a part of the key.
 */
export class CachedWatch<Data, View, Asked extends object = Parameters> implements Watch<View, Asked> {
  readonly #listeners = new Set<() => void>();
  #parameters: Asked;
  #observer: QueryObserver<Data> | undefined;
  #stops: (() => void)[] = [];
  #epoch: number;
  #leaving: unknown;
  #view: View;

  constructor(
    private readonly of: Watching<Asked>,
    private readonly fetch: Fetch<Data, Asked>,
    private readonly look: (progress: Progress<Data>, before: View | undefined) => View,
  ) {
    this.#epoch = of.epoch();
    this.#parameters = setOnes(of.parameters);
    this.#view = this.#first();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.of.env.clearTimeout(this.#leaving);
    if (!this.#observer) this.#open();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      // A remount in the same turn (React's StrictMode) keeps the run.
      this.#leaving = this.of.env.setTimeout(() => {
        this.#close();
      }, 0);
    };
  }

  getSnapshot(): View {
    this.#turn();
    return this.#view;
  }

  setParameters(parameters: Asked | undefined): void {
    const next = setOnes(parameters);
    if (same(next, this.#parameters)) return;
    this.#parameters = next;
    this.#observer?.setOptions(this.#query());
    this.#update();
  }

  reload(): void {
    void this.#observer?.refetch();
  }

  #open(): void {
    this.#turn();
    const observer = new QueryObserver<Data>(this.of.cache, this.#query());
    this.#observer = observer;
    this.#stops = [
      this.of.auth.subscribe(() => {
        this.#follow();
      }),
      this.of.env.onWake((sign) => {
        if (sign === "online") this.#recover();
      }),
      observer.subscribe(() => {
        this.#update();
      }),
    ];
    this.#update();
  }

  #close(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.#observer = undefined;
  }

  /** The view before anything was asked: empty, unless a server fetched the result. */
  #first(): View {
    const { cache, env, freshFor } = this.of;
    const key = this.#key();
    const found = cache.getQueryState<Data>(key);
    const fresh = found && env.now() < found.dataUpdatedAt + freshFor(hashKey(key), found.dataUpdatedAt);
    const data = fresh ? found.data : undefined;
    return this.look({ data, error: undefined, loading: data === undefined && this.#mayAsk() }, undefined);
  }

  /** When the subject has changed, what was shown goes, whether anybody watches or not. */
  #turn(): void {
    if (this.#epoch === this.of.epoch()) return;
    this.#epoch = this.of.epoch();
    this.#view = this.#first();
  }

  #key() {
    return [this.#epoch, this.of.kind, this.of.id, this.#parameters] as const;
  }

  #query() {
    const { cache, freshFor } = this.of;
    const parameters = this.#parameters;
    const queryKey = this.#key();
    return {
      queryKey,
      enabled: this.#mayAsk(),
      staleTime: (query: { queryHash: string; state: { dataUpdatedAt: number } }) =>
        freshFor(query.queryHash, query.state.dataUpdatedAt),
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        this.fetch(parameters, signal, (data) => {
          if (!signal.aborted) cache.setQueryData<unknown>(queryKey, data);
        }),
    };
  }

  #mayAsk(): boolean {
    const state = this.of.auth.getState();
    if (state.status === "offline") return state.user !== undefined;
    return !["error", "signed-out", "interaction-required"].includes(state.status);
  }

  /** The sign-in moved on; a client that was closed is not woken by those who still watch. */
  #follow(): void {
    if (this.#listeners.size === 0) return;
    const { status } = this.of.auth.getState();
    this.#turn();
    if (status === "idle") this.#observer?.setOptions({ ...this.#query(), enabled: false });
    else this.#observer?.setOptions(this.#query());
    if (status === "authenticated") this.#recover();
    this.#update();
  }

  /** What failed for want of a connection is tried again. */
  #recover(): void {
    const result = this.#observer?.getCurrentResult();
    if (!this.#mayAsk() || !result?.isError || result.isFetching) return;
    if (!OrielError.is(result.error) || result.error.retryable) this.reload();
  }

  #update(): void {
    const result = this.#observer?.getCurrentResult();
    const busy = result === undefined || result.isFetching || result.isPending;
    const failed = result?.isError === true && !result.isFetching;
    this.#view = this.look(
      {
        data: result?.data,
        error: failed ? ours(result.error) : undefined,
        loading: busy && !failed && this.#mayAsk(),
      },
      this.#view,
    );
    for (const listener of [...this.#listeners]) listener();
  }
}

function ours(error: unknown): OrielError {
  if (OrielError.is(error)) return error;
  return new OrielError({
    code: "VERSION",
    message: "The SDK failed in an unknown way.",
    cause: error,
  });
}

function same(a: unknown, b: unknown): boolean {
  return sorted(a) === sorted(b);
}

/** JSON with the keys in order, so that equal parameters are equal texts. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
