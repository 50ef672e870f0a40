"use client";

import { useMemo, useRef, useState, type ReactNode } from "react";
import {
  userOf,
  type Chart,
  type Model,
  type OrielError,
  type Parameters,
  type QuestionRun,
  type UnsavedAsk,
} from "@oriel/core";
import { Card } from "./card.js";
import { useSurroundings } from "./context.js";
import { DownloadButtons } from "./download-button.js";
import { drillColumn, onMarks } from "./drill.js";
import { ErrorCard, SignedOutCard } from "./error-card.js";
import { ExploreBar, KindChoice, kindsOf, withKind } from "./explore/bar.js";
import { pictureOf } from "./explore/picture.js";
import { exploreStyles } from "./explore/styles.js";
import { askOf, canSeeRows, draftOf, isRows, kindsOfResult, rowsBehind, type Draft } from "./explore/tree.js";
import { FilterBar, isRange } from "./filter-bar.js";
import { Frame } from "./frame.js";
import { useAuth, useExplorable, useQuestion, useUnsaved } from "./hooks.js";
import { useParams } from "./params.js";
import type { QuestionDrill, StaticQuestionProps } from "./static-question.js";
import { useTold } from "./told.js";
import { useTrouble } from "./trouble.js";
import { useTurn } from "./turn.js";
import { words } from "./words.js";

export interface InteractiveQuestionProps extends Omit<StaticQuestionProps, "filters"> {
  /** Called with what is asked in place of the saved question, and with nothing when it is that again. */
  onQuestionChange?: (ask: UnsavedAsk | undefined) => void;
  /**
   * Called when somebody chooses a mark of the chart. Unless it returns false,
   * whoever may explore sees the rows behind the mark.
   */
  onDrill?: (drill: QuestionDrill) => unknown;
}

/**
 * A question to work with. Who may explore its data source filters, groups,
 * summarises and sorts it and sees the rows behind a mark; everybody changes
 * how it is drawn. Nothing of it is saved.
 */
export function InteractiveQuestion(props: InteractiveQuestionProps) {
  const turn = useTurn();
  return <Question key={`${String(turn)} ${props.id}`} {...props} />;
}

function Question(props: InteractiveQuestionProps) {
  const { id, height = 480, className } = props;
  const outer = useSurroundings("InteractiveQuestion");
  const { state, signIn } = useAuth();
  const { params, setParams, owner } = useParams(props, userOf(state)?.id);
  const view = useQuestion(id, { params });
  const trouble = useTrouble(state);
  const error = trouble ?? (view.run ? undefined : view.error);
  useTold(view.stale ? undefined : view.run, (run) => props.onLoad?.(run));
  useTold(trouble ?? view.error, (failure) => props.onError?.(failure));
  const again = () => void signIn().catch(() => undefined);
  const locale = props.locale ?? outer.locale;
  let content: ReactNode;
  if (state.status === "signed-out") {
    content = <SignedOutCard state={state} onRetry={again} slot={props.error} />;
  } else if (error) {
    content = (
      <ErrorCard
        title={trouble ? words.signInFailed : words.questionFailed}
        error={error}
        busy={state.status === "authenticating"}
        onRetry={trouble ? again : view.reload}
        slot={props.error}
      />
    );
  } else if (!view.run) {
    content = props.loader ?? (
      <>
        <div className="oriel-explore-bar" />
        <div className="oriel-explore-stage">
          <Card
            title={words.loading}
            chart={undefined}
            result={undefined}
            error={undefined}
            stale={false}
            loading
            locale={locale}
          />
        </div>
      </>
    );
  } else {
    const { run, stale, loading, error: fault } = view;
    content = (
      <>
        <FilterBar
          key={owner}
          parameters={run.question.parameters.filter(isRange)}
          load={() => Promise.resolve([])}
          params={params}
          locale={locale}
          settled={false}
          onChange={setParams}
        />
        <Workshop {...props} {...{ run, stale, loading, fault, params, locale }} />
      </>
    );
  }
  return (
    <Frame
      kind="oriel-question oriel-explore"
      className={className}
      theme={props.theme}
      size={{ minHeight: height }}
      styles={exploreStyles}
    >
      {content}
    </Frame>
  );
}

type WorkshopProps = Omit<InteractiveQuestionProps, "error" | "locale" | "params"> & {
  run: QuestionRun;
  stale: boolean;
  loading: boolean;
  fault: OrielError | undefined;
  params: Parameters;
  locale: string | undefined;
};

/** A question that has arrived once, and what somebody makes of it. */
function Workshop(props: WorkshopProps) {
  const { run, params } = props;
  const { explorable } = useExplorable(props.id);
  const models = explorable?.models ?? {};
  const question = explorable?.question ?? run.question;
  const [draft, setDraft] = useState<Draft>();
  const [kind, setKind] = useState<Chart["kind"]>();
  /** What was shown before, the newest last; undefined is the saved question. */
  const [past, setPast] = useState<(Draft | undefined)[]>([]);
  const [told, tell] = useState("");

  const tree = question.structured;
  const saved = tree && models[tree.model] ? draftOf(question, run.result) : undefined;
  const current = draft ?? (saved && kind ? withKind(saved, kind) : saved);
  const ask = useMemo(() => (draft ? askOf(draft, question, params) : undefined), [draft, question, params]);
  const asked = useMemo(() => ({ ask }), [ask]);
  const begun = useRef(false);
  useTold(asked, (now) => {
    // The saved question itself is no change.
    begun.current ||= now.ask !== undefined;
    if (begun.current) props.onQuestionChange?.(now.ask);
  });

  const change = (next: Draft | undefined) => {
    setPast([...past, draft]);
    setDraft(next);
    setKind(undefined);
    tell("");
  };
  const back = () => {
    setDraft(past.at(-1));
    setPast(past.slice(0, -1));
  };
  const bench: Bench = {
    ...props,
    question,
    models,
    current,
    changed: draft !== undefined || kind !== undefined,
    kind,
    told,
    canGoBack: past.length > 0,
    change,
    back,
    reset: () => {
      change(undefined);
      tell(words.questionReset);
    },
    choose: (next) => {
      if (draft) change(withKind(draft, next));
      else setKind(next);
    },
  };
  return <Shown bench={bench} ask={ask} />;
}

interface Bench extends WorkshopProps {
  question: QuestionRun["question"];
  models: Readonly<Record<string, Model>>;
  /** What can be changed; undefined for whoever may only look. */
  current: Draft | undefined;
  changed: boolean;
  kind: Chart["kind"] | undefined;
  told: string;
  canGoBack: boolean;
  change: (next: Draft | undefined) => void;
  back: () => void;
  reset: () => void;
  choose: (kind: Chart["kind"]) => void;
}

/** Bar and chart; `ask` is what is asked in place of the saved question. */
function Shown({ bench, ask }: { bench: Bench; ask: UnsavedAsk | undefined }) {
  const unsaved = useUnsaved(ask);
  const { run, current, question, models, kind } = bench;
  const { client } = useSurroundings("InteractiveQuestion");
  const stage = useRef<HTMLDivElement>(null);
  const asked = unsaved?.run;
  const own = kind === undefined ? run.question.chart : chartAs(bench, kind);
  const chart = asked?.chart ?? own;
  const result = asked?.result ?? run.result;
  const fault = unsaved ? unsaved.error : bench.fault;
  const stale = unsaved ? unsaved.stale || !asked : bench.stale;
  const rows = current !== undefined && isRows(current.tree);
  const title = rows && unsaved ? words.rowsOf(question.name) : question.name;
  const seesRows = current !== undefined && !rows && canSeeRows(current.tree);

  const chosen = (row: number) => {
    const column = drillColumn(chart, result);
    const value = column && result.values[result.columns.indexOf(column)]?.[row];
    if (column && bench.onDrill?.({ question: question.id, column: column.name, value }) === false) return;
    const behind = seesRows && !stale ? rowsBehind(current, models, result, row) : undefined;
    if (behind) bench.change(behind);
  };
  const drills = (seesRows || bench.onDrill !== undefined) && drillColumn(chart, result) !== undefined;
  return (
    <>
      <div className="oriel-explore-bar">
        {current && (
          <ExploreBar
            draft={current}
            models={models}
            parameters={question.parameters}
            result={result}
            onChange={bench.change}
          />
        )}
        <div className="oriel-explore-doing">
          {current && !rows && (
            <button
              type="button"
              className="oriel-button"
              onClick={() => {
                const { breakouts: _, ...tree } = current.tree;
                const all = rowsBehind({ ...current, tree }, models, result, 0);
                if (all) bench.change(all);
              }}
            >
              {words.rows}
            </button>
          )}
          {current && bench.canGoBack && (
            <button type="button" className="oriel-button" onClick={bench.back}>
              {rows && unsaved ? words.backToChart : words.undo}
            </button>
          )}
          {current && (
            <button
              type="button"
              className="oriel-button"
              // It stays in reach of the focus that is on it.
              aria-disabled={!bench.changed}
              onClick={() => {
                if (bench.changed) bench.reset();
              }}
            >
              {words.resetQuestion}
            </button>
          )}
          <KindChoice
            kinds={current ? kindsOf(current, models) : kindsOfResult(run.question.chart)}
            kind={chart.kind}
            onChange={bench.choose}
          />
        </div>
        <p className="oriel-quiet" role="status">
          {bench.told}
        </p>
      </div>
      {fault && (
        <div className="oriel-explore-fault" role="alert">
          <span>{words.changeFailed}.</span>
          <span>{fault.words ?? fault.fields?.question ?? fault.message}</span>
          <span className="oriel-muted">
            {words.code} {fault.code}
            {fault.reference === undefined ? "" : `, ${words.reference} ${fault.reference}`}
          </span>
        </div>
      )}
      <div className="oriel-explore-stage" ref={stage}>
        <Card
          title={title}
          chart={chart}
          result={result}
          error={undefined}
          stale={stale}
          loading={unsaved ? unsaved.loading : bench.loading}
          locale={bench.locale}
          empty={bench.empty}
          drawing={drills ? { ...onMarks(chosen), className: "oriel-card-body oriel-drill" } : undefined}
          actions={
            <>
              {drills && <span className="oriel-quiet">{seesRows ? words.seeRows : words.drillOut}</span>}
              {bench.downloads !== false && (
                <DownloadButtons
                  name={title}
                  formats={question.downloads}
                  take={(format) =>
                    ask
                      ? client.downloadUnsaved(ask, format)
                      : client.downloadQuestion(question.id, format, { parameters: bench.params })
                  }
                  picture={
                    chart.kind === "table" || chart.kind === "number" || result.row_count === 0
                      ? undefined
                      : async () => {
                          const drawing = stage.current?.querySelector<SVGSVGElement>(".oriel-view svg");
                          if (!drawing) throw new Error("There is no drawing.");
                          return pictureOf(drawing);
                        }
                  }
                  onError={bench.onError}
                />
              )}
            </>
          }
        />
      </div>
    </>
  );
}

/** The saved question in another kind of chart, which needs no other rows. */
function chartAs({ run, current }: Bench, kind: Chart["kind"]): Chart {
  const { chart } = run.question;
  return { ...chart, ...(current ? current.chart : {}), kind };
}
