import type { OrielError } from "./error.js";
import { CachedWatch, type Watch, type Watching } from "./watch.js";
import type { Model, Parameters, Question, UnsavedAsk, UnsavedRun } from "./wire.js";

/** A question as it is described to this person, and what they may change it with. */
export interface Explorable {
  /** `structured` is its tree, for whoever may explore its source and sees all that it reads. */
  question: Question;
  /** By key: the model that the tree reads, and those that its foreign keys lead to. None without a tree. */
  models: Readonly<Record<string, Model>>;
}

/** An {@link Explorable} as it is to be shown now. */
export interface ExplorableView {
  explorable?: Explorable;
  loading: boolean;
  error?: OrielError;
}

/** A question that nobody saved, as it is to be shown now. */
export interface UnsavedView {
  run?: UnsavedRun;
  /** What the run was asked with. */
  of?: UnsavedAsk;
  /** The run is of a former question, or a newer one is on its way. */
  stale: boolean;
  loading: boolean;
  error?: OrielError;
}

/** Keeps up to date what a question may be changed with. */
export function explorableWatch(
  of: Watching,
  load: (signal: AbortSignal) => Promise<Explorable>,
): Watch<ExplorableView> {
  return new CachedWatch<Explorable, ExplorableView>(
    of,
    (_, signal) => load(signal),
    ({ data, error, loading }, before) => {
      const explorable = data ?? before?.explorable;
      return { ...(explorable ? { explorable } : {}), ...(error ? { error } : {}), loading };
    },
  );
}

interface Answered {
  run: UnsavedRun;
  of: UnsavedAsk;
}

/** A question that nobody saved, kept up to date as it changes. */
export class UnsavedWatch {
  readonly #watch: CachedWatch<Answered, UnsavedView>;

  constructor(of: Watching, run: (ask: UnsavedAsk, signal: AbortSignal) => Promise<UnsavedRun>) {
    this.#watch = new CachedWatch<Answered, UnsavedView>(
      of,
      async (ask, signal) => ({ run: await run(asAsk(ask), signal), of: asAsk(ask) }),
      ({ data, error, loading }, before) => {
        const shown = data ?? (before?.run && before.of ? { run: before.run, of: before.of } : undefined);
        return {
          ...shown,
          ...(error ? { error } : {}),
          stale: loading || data === undefined,
          loading,
        };
      },
    );
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#watch.subscribe(listener);
  readonly getSnapshot = (): UnsavedView => this.#watch.getSnapshot();

  /** Asks anew when it differs; what was shown stays, marked as stale. */
  ask(ask: UnsavedAsk): void {
    this.#watch.setParameters(asParameters(ask));
  }

  reload(): void {
    this.#watch.reload();
  }
}

// A watch tells its runs apart by their parameters, which here are all that is asked.
export function asParameters(ask: UnsavedAsk): Parameters {
  return ask as unknown as Parameters;
}

function asAsk(parameters: Parameters | undefined): UnsavedAsk {
  return parameters as unknown as UnsavedAsk;
}
