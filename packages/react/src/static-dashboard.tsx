"use client";

import { Fragment, type ReactNode } from "react";
import {
  userOf,
  type CardView,
  type DashboardCard,
  type DashboardInfo,
  type Parameters,
  type ParameterValue,
} from "@oriel/core";
import { GridCard, type CardDoing } from "./card.js";
import type { ContentProps } from "./content-props.js";
import { useSurroundings } from "./context.js";
import { DownloadButtons } from "./download-button.js";
import { drillColumn, drillTo, onMarks, type Drill } from "./drill.js";
import { AwayCard, ErrorCard, isAway } from "./error-card.js";
import { FilterBar } from "./filter-bar.js";
import { Frame } from "./frame.js";
import { useAuth, useDashboard } from "./hooks.js";
import { DashboardSkeleton } from "./skeleton.js";
import { useParams } from "./params.js";
import { useTold } from "./told.js";
import { useTrouble } from "./trouble.js";
import { words } from "./words.js";

export interface StaticDashboardProps extends ContentProps {
  /** Called when all cards have arrived. */
  onLoad?: (dashboard: DashboardInfo) => void;
  /**
   * Called when somebody chooses a mark of a chart; without it marks can't be
   * chosen on a dashboard that is only looked at.
   */
  onDrill?: (drill: Drill) => unknown;
  /** Lets whose groups may take each card's rows away, as its filters are; default: no. */
  downloads?: boolean;
  /** A fixed height, beyond which it scrolls; default: as high as its cards. */
  height?: number | string;
}

const plain: DashboardParts = {};

/**
 * A dashboard to look at, with its filters. Cards fill in as they arrive;
 * former results stay, dimmed, until newer ones are there.
 */
export function StaticDashboard({ onDrill, ...props }: StaticDashboardProps) {
  const parts: DashboardParts = onDrill
    ? {
        card: ({ card, result }, shown) => {
          if (!result || !drillColumn(card.chart, result)) return {};
          const choose = (row: number) => {
            const drill = drillTo(row, card, result, shown.dashboard, shown.params);
            if (drill) onDrill(drill);
          };
          return {
            drawing: onMarks(choose),
            actions: <span className="oriel-quiet">{words.drillOut}</span>,
          };
        },
      }
    : plain;
  return <DashboardPage {...props} parts={parts} />;
}

/** What a dashboard is made of at this moment, for the parts that an interactive one adds. */
export interface ShownDashboard {
  dashboard: DashboardInfo;
  cards: readonly CardView[];
  params: Parameters;
  setParams: (params: Parameters) => void;
  loading: boolean;
  locale: string | undefined;
}

/** What stands on a dashboard beside cards and filters. */
export interface DashboardParts {
  /** In the head, after the title. */
  head?: (shown: ShownDashboard) => ReactNode;
  /** What a card of the grid can do. */
  card?: (view: CardView, shown: ShownDashboard) => CardDoing;
  /** After the cards. */
  after?: (shown: ShownDashboard) => ReactNode;
}

/** The one implementation of all dashboards. */
export function DashboardPage(props: StaticDashboardProps & { parts?: DashboardParts }) {
  const { id, height, className, parts = plain } = props;
  const outer = useSurroundings("StaticDashboard");
  const { state, signIn } = useAuth();
  const { params, setParams, owner } = useParams(props, userOf(state)?.id);
  const view = useDashboard(id, { params });
  const { dashboard, loading } = view;
  const trouble = useTrouble(state);
  const error = trouble ?? view.error;
  const locale = props.locale ?? outer.locale;
  const arrived = dashboard && !loading && !error ? view.cards : undefined;
  useTold(arrived, () => {
    if (dashboard) props.onLoad?.(dashboard);
  });
  useTold(error, (failure) => props.onError?.(failure));

  const retry = () => {
    if (trouble) signIn().catch(() => undefined);
    else view.reload();
  };
  const failure = (title: string) =>
    error && (
      <ErrorCard
        title={trouble ? words.signInFailed : title}
        error={error}
        busy={state.status === "authenticating"}
        onRetry={retry}
        slot={props.error}
      />
    );

  let content: ReactNode;
  if (isAway(state)) {
    content = (
      <AwayCard state={state} onRetry={() => void signIn().catch(() => undefined)} slot={props.error} />
    );
  } else if (!dashboard) {
    content = failure(words.dashboardFailed) ?? props.loader ?? <DashboardSkeleton />;
  } else {
    const shown: ShownDashboard = { dashboard, cards: view.cards, params, setParams, loading, locale };
    content = (
      <>
        <header className="oriel-head">
          {parts.head?.(shown)}
          <h2 className="oriel-title">{dashboard.name}</h2>
          {dashboard.description !== undefined && <p className="oriel-muted">{dashboard.description}</p>}
        </header>
        <FilterBar
          // What it knows of somebody's data goes with them, however React batches the change.
          key={owner}
          parameters={dashboard.parameters}
          load={(name, signal) => outer.client.parameterValues(dashboard.id, name, { signal })}
          params={params}
          locale={locale}
          settled={arrived !== undefined}
          onChange={setParams}
        />
        <div className="oriel-stage">
          <div className="oriel-cards">
            {inOrder(view.cards).map((card) => {
              const doing = parts.card?.(card, shown);
              return (
                <GridCard
                  key={card.card.id}
                  view={card}
                  loading={loading}
                  locale={locale}
                  drawing={doing?.drawing}
                  actions={
                    <>
                      {doing?.actions}
                      {props.downloads === true && card.result && (
                        <DownloadButtons
                          name={card.card.title}
                          formats={dashboard.downloads}
                          take={(format) =>
                            outer.client.downloadQuestion(card.card.question, format, {
                              parameters: valuesOf(card.card, dashboard, params),
                            })
                          }
                          onError={props.onError}
                        />
                      )}
                    </>
                  }
                />
              );
            })}
          </div>
          {view.cards.length === 0 && (props.empty ?? <p className="oriel-muted">{words.noCards}</p>)}
          {error && <div className="oriel-over">{failure(words.updateFailed)}</div>}
        </div>
        {parts.after && <Fragment key={`after ${owner}`}>{parts.after(shown)}</Fragment>}
      </>
    );
  }
  return (
    <Frame
      kind="oriel-dashboard"
      className={className}
      theme={props.theme}
      size={height === undefined ? undefined : { height, overflow: "auto" }}
      label={dashboard?.name}
      busy={loading}
    >
      {content}
    </Frame>
  );
}

/** What a card's question is asked with: the filters that it heeds, as they are. */
function valuesOf(card: DashboardCard, dashboard: DashboardInfo, params: Parameters): Parameters {
  const values: Record<string, ParameterValue> = {};
  for (const [filter, name] of Object.entries(card.parameters ?? {})) {
    const standard = dashboard.parameters.find((one) => one.name === filter)?.default;
    values[name] = params[filter] ?? (standard as ParameterValue);
  }
  return values;
}

/** From top to bottom, left to right: the order of reading and of the tab key. */
function inOrder(cards: readonly CardView[]): CardView[] {
  return [...cards].sort((a, b) => a.card.y - b.card.y || a.card.x - b.card.x);
}
