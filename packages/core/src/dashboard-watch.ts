import type { DashboardRun } from "./content.js";
import { errorFromProblem, type OrielError } from "./error.js";
import { CachedWatch, type Progress, type Watching } from "./watch.js";
import type { DashboardCard, DashboardInfo, Parameters, Result } from "./wire.js";

/** One card as it is to be shown now; neither result nor error: not there yet. */
export interface CardView {
  card: DashboardCard;
  result?: Result;
  error?: OrielError;
  /** The result is of former filters, or a newer one is on its way. */
  stale: boolean;
}

/** A dashboard as it is to be shown now. */
export interface DashboardView {
  dashboard?: DashboardInfo;
  cards: readonly CardView[];
  loading: boolean;
  /** Why the dashboard as a whole couldn't be run. */
  error?: OrielError;
}

/** Keeps a dashboard up to date, card by card as they arrive. */
export class DashboardWatch extends CachedWatch<DashboardRun, DashboardView> {
  constructor(
    of: Watching,
    run: (
      parameters: Parameters | undefined,
      signal: AbortSignal,
      onLine: (line: unknown, soFar: DashboardRun) => void,
    ) => Promise<DashboardRun>,
  ) {
    super(
      of,
      (parameters, signal, progress) =>
        run(parameters, signal, (_, soFar) => {
          // The last line is the promise's own value.
          if (!soFar.complete) progress(soFar);
        }),
      look,
    );
  }
}

function look(
  { data, error, loading }: Progress<DashboardRun>,
  before: DashboardView | undefined,
): DashboardView {
  const dashboard = data?.dashboard ?? before?.dashboard;
  return {
    ...(dashboard ? { dashboard } : {}),
    ...(error ? { error } : {}),
    cards: data ? cardsOf(data, loading, before) : waiting(before),
    loading,
  };
}

/** No line of this run has come yet: what stood there stays, marked. */
function waiting(before: DashboardView | undefined): CardView[] {
  return (before?.cards ?? []).map((view) => ({ ...view, stale: true }));
}

function cardsOf(run: DashboardRun, loading: boolean, before: DashboardView | undefined): CardView[] {
  const former = new Map(before?.cards.map((view) => [view.card.id, view]));
  // A complete run while another loads is the former one.
  const stale = run.complete && loading;
  return run.cards.map((card) => {
    const line = run.results[card.id];
    const old = former.get(card.id);
    if (line?.result) {
      const same = old?.result === line.result && old.stale === stale;
      return same ? old : { card, result: line.result, stale };
    }
    if (line?.error) {
      return { card, error: errorFromProblem(line.error), stale };
    }
    return old?.result ? { card, result: old.result, stale: true } : { card, stale: true };
  });
}
