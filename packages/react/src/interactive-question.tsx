"use client";

import { useMemo, useRef, useState } from "react";
import type { Chart, Model, UnsavedAsk } from "@oriel/core";
import { Card } from "./card.js";
import { useSurroundings } from "./context.js";
import { DownloadButtons } from "./download-button.js";
import { drillColumn, onMarks, questionDrill, type QuestionDrill } from "./drill.js";
import { ExploreBar, KindChoice, kindsOf, withKind } from "./explore/bar.js";
import { Fault } from "./explore/fault.js";
import { pictureOf } from "./explore/picture.js";
import { exploreStyles } from "./explore/styles.js";
import { askOf, canSeeRows, draftOf, isRows, kindsOfResult, rowsBehind, type Draft } from "./explore/tree.js";
import { useExplorable, useUnsaved } from "./hooks.js";
import { QuestionPage, type QuestionProps, type ShownQuestion } from "./question-page.js";
import { ResetButton } from "./reset-button.js";
import { useTold } from "./told.js";
import { useTurn } from "./turn.js";
import { words } from "./words.js";

export interface InteractiveQuestionProps extends QuestionProps {
  /** Called with what is asked in place of the saved question, and with nothing when it is that again. */
  onQuestionChange?: (ask: UnsavedAsk | undefined) => void;
  /**
   * Called when somebody chooses a mark of the chart. Unless it returns false,
   * whoever may explore sees the rows behind the mark.
   */
  onDrill?: (drill: QuestionDrill) => unknown;
  /** The least that it takes; default: 480 pixels. */
  height?: number | string;
  /** Lets whose groups may take the rows and the chart away, as CSV, XLSX, JSON or PNG; default: yes. */
  downloads?: boolean;
}

/**
 * A question to work with. Who may explore its data source filters, groups,
 * summarises and sorts it and sees the rows behind a mark; everybody changes
 * how it is drawn. Nothing of it is saved.
 */
export function InteractiveQuestion(props: InteractiveQuestionProps) {
  const turn = useTurn();
  const { id, height = 480 } = props;
  return (
    <QuestionPage
      key={`${String(turn)} ${id}`}
      caller="InteractiveQuestion"
      props={props}
      kind="oriel-question oriel-explore"
      size={{ minHeight: height }}
      styles={exploreStyles}
      filters
      keeps
    >
      {(shown) =>
        shown.run ? <Workshop {...props} shown={shown} run={shown.run} /> : <Waiting {...shown} />
      }
    </QuestionPage>
  );
}

/** The place of bar and chart before either is there. */
function Waiting({ locale }: ShownQuestion) {
  return (
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
}

const none: ReadonlyMap<string, Model> = new Map();

type WorkshopProps = InteractiveQuestionProps & {
  shown: ShownQuestion;
  run: NonNullable<ShownQuestion["run"]>;
};

/** A question that has arrived once, and what somebody makes of it. */
function Workshop(props: WorkshopProps) {
  const { shown, run } = props;
  const { client } = useSurroundings("InteractiveQuestion");
  const { explorable } = useExplorable(props.id);
  const models = explorable?.models ?? none;
  const question = explorable?.question ?? run.question;
  const [draft, setDraft] = useState<Draft>();
  const [kind, setKind] = useState<Chart["kind"]>();
  /** What was shown before, the newest last; undefined is the saved question. */
  const [past, setPast] = useState<(Draft | undefined)[]>([]);
  const [told, tell] = useState("");
  const stage = useRef<HTMLDivElement>(null);

  const { params } = shown;
  // One object for one ask: a host that renders again whenever it is told, with the
  // same params in a new object, would be told again.
  const wanted = draft && JSON.stringify(askOf(draft, question, params));
  const ask = useMemo(
    () => (wanted === undefined ? undefined : (JSON.parse(wanted) as UnsavedAsk)),
    [wanted],
  );
  useTellOf(ask, props.onQuestionChange);
  const unsaved = useUnsaved(ask);

  const tree = question.structured;
  const saved = tree && models.has(tree.model) ? draftOf(question, run.result) : undefined;
  /** What can be changed; undefined for whoever may only look. */
  const current = draft ?? (saved && kind ? withKind(saved, kind) : saved);
  const rows = current !== undefined && isRows(current.tree);
  const seesRows = current !== undefined && !rows && canSeeRows(current.tree);
  const title = rows && draft ? words.rowsOf(question.name) : question.name;

  // Another kind of the saved question needs no other rows.
  const own = kind === undefined ? run.question.chart : { ...run.question.chart, ...current?.chart, kind };
  const chart = unsaved?.run?.chart ?? own;
  const result = unsaved?.run?.result ?? run.result;
  const stale = unsaved ? unsaved.stale : shown.stale;
  const fault = unsaved ? unsaved.error : shown.fault;

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
  const choose = (row: number) => {
    const drill = questionDrill(question.id, chart, result, row);
    if (drill && props.onDrill?.(drill) === false) return;
    const behind = seesRows && !stale ? rowsBehind(current, models, result, row) : undefined;
    if (behind) change(behind);
  };
  const drills = (seesRows || props.onDrill !== undefined) && drillColumn(chart, result) !== undefined;
  const changed = draft !== undefined || kind !== undefined;

  return (
    <>
      <div className="oriel-explore-bar">
        {current && (
          <ExploreBar
            draft={current}
            models={models}
            parameters={question.parameters}
            result={result}
            onChange={change}
          />
        )}
        <div className="oriel-explore-doing">
          {current && !rows && (
            <button
              type="button"
              className="oriel-button"
              onClick={() => {
                const { breakouts: _, ...all } = current.tree;
                change(rowsBehind({ ...current, tree: all }, models, result, 0));
              }}
            >
              {words.rows}
            </button>
          )}
          {past.length > 0 && (
            <button type="button" className="oriel-button" onClick={back}>
              {rows && draft ? words.backToChart : words.undo}
            </button>
          )}
          {current && (
            <ResetButton
              label={words.resetQuestion}
              changed={changed}
              onReset={() => {
                change(undefined);
                tell(words.questionReset);
              }}
            />
          )}
          <KindChoice
            kinds={current ? kindsOf(current, models) : kindsOfResult(run.question.chart)}
            kind={chart.kind}
            onChange={(next) => {
              if (draft) change(withKind(draft, next));
              else setKind(next);
            }}
          />
        </div>
        <p className="oriel-quiet" role="status">
          {told}
        </p>
      </div>
      {fault && <Fault error={fault} />}
      <div className="oriel-explore-stage" ref={stage}>
        <Card
          title={title}
          chart={chart}
          result={result}
          error={undefined}
          stale={stale}
          loading={unsaved ? unsaved.loading : shown.loading}
          locale={shown.locale}
          empty={props.empty}
          drawing={drills ? onMarks(choose) : undefined}
          actions={
            <>
              {drills && <span className="oriel-quiet">{seesRows ? words.seeRows : words.drillOut}</span>}
              {props.downloads !== false && (
                <DownloadButtons
                  name={title}
                  formats={question.downloads}
                  take={(format) =>
                    ask
                      ? client.downloadUnsaved(ask, format)
                      : client.downloadQuestion(question.id, format, { parameters: params })
                  }
                  picture={
                    chart.kind === "table" || chart.kind === "number" || result.row_count === 0
                      ? undefined
                      : () => pictureOf(stage.current?.querySelector<SVGSVGElement>(".oriel-view svg"))
                  }
                  onError={props.onError}
                />
              )}
            </>
          }
        />
      </div>
    </>
  );
}

/** Tells the host what is asked now; the saved question itself is no change until something else was asked. */
function useTellOf(ask: UnsavedAsk | undefined, tell: InteractiveQuestionProps["onQuestionChange"]) {
  const asked = useMemo(() => ({ ask }), [ask]);
  const begun = useRef(false);
  useTold(asked, (now) => {
    begun.current ||= now.ask !== undefined;
    if (begun.current) tell?.(now.ask);
  });
}
