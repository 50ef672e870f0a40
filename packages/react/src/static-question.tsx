"use client";

import type { OrielError, Parameters, QuestionRun } from "@oriel/core";
import { Card } from "./card.js";
import { useSurroundings, type Theme } from "./context.js";
import { DownloadButtons } from "./download-button.js";
import { ErrorCard, SignedOutCard } from "./error-card.js";
import { Frame } from "./frame.js";
import { useAuth, useQuestion } from "./hooks.js";
import type { Slots } from "./slots.js";
import { useTold } from "./told.js";
import { useTrouble } from "./trouble.js";
import { words } from "./words.js";

export interface StaticQuestionProps extends Slots {
  id: string;
  /** The values of the question's parameters. */
  params?: Parameters;
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

/** A question's chart in its frame, at its final size from the start. */
export function StaticQuestion(props: StaticQuestionProps) {
  const { id, params, height = 320, className } = props;
  const outer = useSurroundings("StaticQuestion");
  const { state, signIn } = useAuth();
  const view = useQuestion(id, { params });
  const trouble = useTrouble(state);
  const error = trouble ?? view.error;
  useTold(view.stale ? undefined : view.run, (run) => props.onLoad?.(run));
  useTold(error, (failure) => props.onError?.(failure));
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
        />
      )}
    </Frame>
  );
}
