"use client";

import { Card } from "./card.js";
import { useSurroundings } from "./context.js";
import { DownloadButtons } from "./download-button.js";
import { drillColumn, onMarks, questionDrill, type QuestionDrill } from "./drill.js";
import { QuestionPage, type QuestionProps } from "./question-page.js";
import { words } from "./words.js";

export interface StaticQuestionProps extends QuestionProps {
  /** Shows fields for the question's ranges of days; default: no. */
  filters?: boolean;
  /** Called when somebody chooses a mark of the chart; without it marks can't be chosen. */
  onDrill?: (drill: QuestionDrill) => unknown;
  /** Default: 320 pixels. */
  height?: number | string;
  /** Lets whose groups may take the rows away, as CSV, XLSX or JSON; default: no. */
  downloads?: boolean;
}

/** A question's chart in its frame, at its final size from the start. */
export function StaticQuestion(props: StaticQuestionProps) {
  const { id, height = 320, filters = false, onDrill } = props;
  const { client } = useSurroundings("StaticQuestion");
  return (
    <QuestionPage
      caller="StaticQuestion"
      props={props}
      kind="oriel-question"
      size={{ height }}
      filters={filters}
      keeps={false}
    >
      {({ run, stale, loading, params, locale }) => {
        const chart = run?.question.chart;
        const choose = (row: number) => {
          const drill = run && questionDrill(id, run.question.chart, run.result, row);
          if (drill) onDrill?.(drill);
        };
        const drills = onDrill && chart && drillColumn(chart, run?.result) !== undefined;
        return (
          <Card
            title={run?.question.name ?? words.loading}
            chart={chart}
            result={run?.result}
            error={undefined}
            stale={stale}
            loading={loading}
            locale={locale}
            empty={props.empty}
            drawing={drills ? onMarks(choose) : undefined}
            actions={
              props.downloads === true &&
              run && (
                <DownloadButtons
                  name={run.question.name}
                  formats={run.question.downloads}
                  take={(format) => client.downloadQuestion(id, format, { parameters: params })}
                  onError={props.onError}
                />
              )
            }
          />
        );
      }}
    </QuestionPage>
  );
}
