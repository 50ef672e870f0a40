import type { OrielError } from "./error.js";
import { CachedWatch, type Progress, type Watching } from "./watch.js";
import type { Parameters, QuestionRun } from "./wire.js";

/** A run as it is to be shown now. */
export interface RunView<Run> {
  run?: Run;
  /** The run is of what was asked before, or a newer one is on its way. */
  stale: boolean;
  loading: boolean;
  error?: OrielError;
}

/** A question as it is to be shown now. */
export type QuestionView = RunView<QuestionRun>;

/** What arrived last stays until a newer run has. */
export function lookAtRun<Run>(
  { data, error, loading }: Progress<Run>,
  before: RunView<Run> | undefined,
): RunView<Run> {
  const shown = data ?? before?.run;
  return {
    ...(shown ? { run: shown } : {}),
    ...(error ? { error } : {}),
    stale: loading || data === undefined,
    loading,
  };
}

/** Keeps a question up to date. */
export class QuestionWatch extends CachedWatch<QuestionRun, QuestionView> {
  constructor(
    of: Watching,
    run: (parameters: Parameters | undefined, signal: AbortSignal) => Promise<QuestionRun>,
  ) {
    super(of, run, lookAtRun);
  }
}
