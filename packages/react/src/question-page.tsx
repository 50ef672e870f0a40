import type { CSSProperties, ReactNode } from "react";
import { userOf, type OrielError, type Parameters, type QuestionRun } from "@oriel/core";
import type { ContentProps } from "./content-props.js";
import { useSurroundings } from "./context.js";
import { AwayCard, ErrorCard, isAway } from "./error-card.js";
import { Frame } from "./frame.js";
import { useAuth, useQuestion } from "./hooks.js";
import { useParams } from "./params.js";
import { RangeFilters } from "./range-filters.js";
import { useTold } from "./told.js";
import { useTrouble } from "./trouble.js";
import { words } from "./words.js";

/** What every component of one question takes. */
export interface QuestionProps extends ContentProps {
  /** Called with each new result. */
  onLoad?: (run: QuestionRun) => void;
}

/** A question at this moment. */
export interface ShownQuestion {
  /** What arrived last; it stays while a newer one is on its way, or failed. */
  run: QuestionRun | undefined;
  stale: boolean;
  loading: boolean;
  /** Why the newest run failed, where what arrived before it can stay. */
  fault: OrielError | undefined;
  params: Parameters;
  locale: string | undefined;
}

interface QuestionPageProps {
  caller: string;
  props: QuestionProps;
  kind: string;
  size: CSSProperties;
  styles?: string;
  /** Fields for the question's ranges of days stand over it. */
  filters: boolean;
  /** What arrived stays in the page when a newer run fails, and the failure is its content's to show. */
  keeps: boolean;
  children: (shown: ShownQuestion) => ReactNode;
}

/** The one implementation of all that shows one question: sign-in, parameters, failures, frame. */
export function QuestionPage({ caller, props, filters, keeps, children, ...frame }: QuestionPageProps) {
  const { id } = props;
  const outer = useSurroundings(caller);
  const { state, signIn } = useAuth();
  const { params, setParams, owner } = useParams(props, userOf(state)?.id);
  const view = useQuestion(id, { params });
  const { run, stale, loading, error } = view;
  const trouble = useTrouble(state);
  useTold(stale ? undefined : run, (arrived) => props.onLoad?.(arrived));
  useTold(trouble ?? error, (failure) => props.onError?.(failure));
  const again = () => void signIn().catch(() => undefined);
  const locale = props.locale ?? outer.locale;
  const failed = trouble ?? (keeps && run ? undefined : error);

  let content: ReactNode;
  if (failed) {
    content = (
      <ErrorCard
        title={trouble ? words.signInFailed : words.questionFailed}
        error={failed}
        busy={state.status === "authenticating"}
        onRetry={trouble ? again : view.reload}
        slot={props.error}
      />
    );
  } else {
    content =
      run || props.loader === undefined
        ? children({ run, stale, loading: loading || !run, fault: error, params, locale })
        : props.loader;
  }
  return (
    <Frame {...frame} className={props.className} theme={props.theme}>
      {isAway(state) ? (
        <AwayCard state={state} onRetry={again} slot={props.error} />
      ) : (
        <>
          {filters && !trouble && (
            // They stay when a run fails: what was chosen there may be why.
            <RangeFilters
              key={owner}
              parameters={run?.question.parameters ?? []}
              params={params}
              locale={locale}
              onChange={setParams}
            />
          )}
          {content}
        </>
      )}
    </Frame>
  );
}
