"use client";

import { userOf, type OrielError, type Parameters, type QuestionRun } from "@oriel/core";
import { Card } from "./card.js";
import { useSurroundings, type Theme } from "./context.js";
import { DownloadButtons } from "./download-button.js";
import { drillColumn, onMarks } from "./drill.js";
import { ErrorCard, SignedOutCard } from "./error-card.js";
import { Filtered } from "./filtered.js";
import { Frame } from "./frame.js";
import { useAuth, useQuestion } from "./hooks.js";
import { useParams } from "./params.js";
import type { Slots } from "./slots.js";
import { useTold } from "./told.js";
import { useTrouble } from "./trouble.js";
import { words } from "./words.js";

export interface StaticQuestionProps extends Slots {
  id: string;
  /** The values of the question's parameters when the host keeps them. */
  params?: Parameters;
  /** Their values at first, when the component keeps them. */
  defaultParams?: Parameters;
  /** Somebody changed one in a field that `filters` shows. */
  onParamsChange?: (params: Parameters) => void;
  /** Shows fields for the question's ranges of days; default: no. */
  filters?: boolean;
  /** Called when somebody chooses a mark of the chart; without it marks can't be chosen. */
  onDrill?: (drill: QuestionDrill) => unknown;
  /** Called with each new result. */
  onLoad?: (run: QuestionRun) => void;
  /** Called when the question can't be shown. */
  onError?: (error: OrielError) => void;
  /** Default: 320 pixels. */
  height?: number | string;
  /** Lets whose groups may take the rows away, as CSV or JSON; default: no. */
  downloads?: boolean;
  className?: string;
  /** Default: the provider's. */
  theme?: Theme;
  /** Default: the provider's. */
  locale?: string;
}

/** A mark of a question's chart that somebody chose. */
export interface QuestionDrill {
  /** The key of the question. */
  question: string;
  /** The result column whose value the mark stands for. */
  column: string;
  value: unknown;
}

/** A question's chart in its frame, at its final size from the start. */
export function StaticQuestion(props: StaticQuestionProps) {
  const { id, height = 320, className, onDrill } = props;
  const outer = useSurroundings("StaticQuestion");
  const { state, signIn } = useAuth();
  const { params, setParams, owner } = useParams(props, userOf(state)?.id);
  const view = useQuestion(id, { params });
  const trouble = useTrouble(state);
  const error = trouble ?? view.error;
  useTold(view.stale ? undefined : view.run, (run) => props.onLoad?.(run));
  useTold(error, (failure) => props.onError?.(failure));
  const column = view.run && drillColumn(view.run.question.chart, view.run.result);
  const drawing =
    onDrill && view.run && column
      ? {
          ...onMarks((row) => {
            const { values, columns } = (view.run as QuestionRun).result;
            onDrill({ question: id, column: column.name, value: values[columns.indexOf(column)]?.[row] });
          }),
          className: "oriel-card-body oriel-drill",
        }
      : undefined;
  const again = () => void signIn().catch(() => undefined);
  return (
    <Frame kind="oriel-question" className={className} theme={props.theme} size={{ height }}>
      {state.status === "signed-out" ? (
        <SignedOutCard state={state} onRetry={again} slot={props.error} />
      ) : error ? (
        <ErrorCard
          title={trouble ? words.signInFailed : words.questionFailed}
          error={error}
          busy={state.status === "authenticating"}
          onRetry={trouble ? again : view.reload}
          slot={props.error}
        />
      ) : !view.run && props.loader !== undefined ? (
        props.loader
      ) : (
        <Filtered
          key={owner}
          parameters={props.filters === true ? (view.run?.question.parameters ?? []) : []}
          params={params}
          locale={props.locale ?? outer.locale}
          onChange={setParams}
        >
          <Card
            title={view.run?.question.name ?? words.loading}
            chart={view.run?.question.chart}
            result={view.run?.result}
            error={undefined}
            stale={view.stale}
            loading={view.loading || !view.run}
            locale={props.locale ?? outer.locale}
            empty={props.empty}
            actions={
              props.downloads === true &&
              view.run && (
                <DownloadButtons
                  name={view.run.question.name}
                  formats={view.run.question.downloads}
                  take={(format) => outer.client.downloadQuestion(id, format, { parameters: params })}
                  onError={props.onError}
                />
              )
            }
            drawing={drawing}
          />
        </Filtered>
      )}
    </Frame>
  );
}
