import type { OrielError } from "./error.js";
import { CachedWatch, type Watching } from "./watch.js";
import type { Parameters, QuestionRun } from "./wire.js";

/** A question as it is to be shown now. */
export interface QuestionView {
  run?: QuestionRun;
  /** The run is of former parameters, or a newer one is on its way. */
  stale: boolean;
  loading: boolean;
  error?: OrielError;
}

/** Keeps a question up to date. */
export class QuestionWatch extends CachedWatch<QuestionRun, QuestionView> {
  constructor(
    of: Watching,
    run: (parameters: Parameters | undefined, signal: AbortSignal) => Promise<QuestionRun>,
  ) {
    super(of, run, ({ data, error, loading }, before) => {
      const shown = data ?? before?.run;
      return {
        ...(shown ? { run: shown } : {}),
        ...(error ? { error } : {}),
        stale: loading || data === undefined,
        loading,
      };
    });
  }
}
