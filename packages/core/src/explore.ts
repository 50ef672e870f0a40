import type { OrielError } from "./error.js";
import { lookAtRun, type RunView } from "./question-watch.js";
import { CachedWatch, type Watch, type Watching } from "./watch.js";
import type { Model, Question, UnsavedAsk, UnsavedRun } from "./wire.js";

/** A question as it is described to this person, and what they may change it with. */
export interface Explorable {
  /** `structured` is its tree, for whoever may explore its source and sees all that it reads. */
  question: Question;
  /** By key: the model that the tree reads, and those that its foreign keys lead to. None without a tree. */
  models: ReadonlyMap<string, Model>;
}

/** An {@link Explorable} as it is to be shown now. */
export interface ExplorableView {
  explorable?: Explorable;
  loading: boolean;
  error?: OrielError;
}

/** A question that nobody saved, as it is to be shown now. */
export type UnsavedView = RunView<UnsavedRun>;

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

/** Keeps a question that nobody saved up to date; its parameters are all that is asked. */
export function unsavedWatch(
  of: Watching<UnsavedAsk>,
  run: (ask: UnsavedAsk, signal: AbortSignal) => Promise<UnsavedRun>,
): Watch<UnsavedView, UnsavedAsk> {
  return new CachedWatch<UnsavedRun, UnsavedView, UnsavedAsk>(of, run, lookAtRun);
}
