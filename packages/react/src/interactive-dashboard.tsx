"use client";

import { useEffect, useRef, useState } from "react";
import type { CardView } from "@oriel/core";
import { Card, type CardDoing } from "./card.js";
import { drillColumn, drillParameter, drillTo, onMarks, type Drill } from "./drill.js";
import { canFilter } from "./filter-bar.js";
import { ResetButton } from "./reset-button.js";
import { DashboardPage, type ShownDashboard, type StaticDashboardProps } from "./static-dashboard.js";
import { useTurn } from "./turn.js";
import { words } from "./words.js";

export interface InteractiveDashboardProps extends Omit<StaticDashboardProps, "onDrill"> {
  /**
   * Called when somebody chooses a mark of a chart. Without it, or unless it
   * returns false, the dashboard's filter of the same name takes the mark's value.
   */
  onDrill?: (drill: Drill) => unknown;
}

/** How a card's marks are chosen. */
interface Drilling {
  hint: string;
  drawing: CardDoing["drawing"];
}

/**
 * A dashboard to work with: its marks filter it, its cards can be seen large,
 * and its filters go back to where they began with one button.
 */
export function InteractiveDashboard(props: InteractiveDashboardProps) {
  const turn = useTurn();
  return <Interactive key={`${String(turn)} ${props.id}`} {...props} />;
}

function Interactive({ onDrill, ...props }: InteractiveDashboardProps) {
  const [large, setLarge] = useState<string>();
  const [told, tell] = useState("");

  const drilling = (view: CardView, shown: ShownDashboard): Drilling | undefined => {
    const { card, result } = view;
    const column = drillColumn(card.chart, result);
    const parameter = column && drillParameter(shown.dashboard, column);
    if (!result || !column || (!parameter && !onDrill)) return undefined;
    const choose = (row: number) => {
      const drill = drillTo(row, card, result, shown.dashboard, shown.params);
      if (!drill || onDrill?.(drill) === false || !drill.params) return;
      shown.setParams(drill.params);
      tell(words.filteredBy(parameter?.label ?? column.label, String(drill.value)));
      setLarge(undefined);
    };
    const hint = parameter ? words.drillBy(parameter.label) : words.drillOut;
    return { hint, drawing: onMarks(choose) };
  };

  const parts = {
    head: (shown: ShownDashboard) => {
      if (!shown.dashboard.parameters.some(canFilter)) return null;
      const standard = props.defaultParams ?? {};
      const changed = JSON.stringify(shown.params) !== JSON.stringify(standard);
      return (
        <div className="oriel-head-actions">
          <p className="oriel-quiet" role="status">
            {told}
          </p>
          <ResetButton
            label={words.resetFilters}
            changed={changed}
            onReset={() => {
              shown.setParams(standard);
              tell(words.filtersReset);
            }}
          />
        </div>
      );
    },
    card: (view: CardView, shown: ShownDashboard): CardDoing => {
      const drill = drilling(view, shown);
      return {
        drawing: drill?.drawing,
        actions: (
          <>
            {drill && <span className="oriel-quiet">{drill.hint}</span>}
            <button
              type="button"
              className="oriel-data-toggle"
              aria-haspopup="dialog"
              aria-label={`${words.enlarge}: ${view.card.title}`}
              disabled={!view.result}
              onClick={() => {
                setLarge(view.card.id);
              }}
            >
              {words.enlarge}
            </button>
          </>
        ),
      };
    },
    after: (shown: ShownDashboard) => {
      const view = shown.cards.find(({ card }) => card.id === large);
      if (!view) return null;
      return (
        <LargeCard
          view={view}
          shown={shown}
          drill={drilling(view, shown)}
          onClose={() => {
            setLarge(undefined);
          }}
        />
      );
    },
  };
  return <DashboardPage {...props} parts={parts} />;
}

interface LargeCardProps {
  view: CardView;
  shown: ShownDashboard;
  drill: Drilling | undefined;
  onClose: () => void;
}

/** One card over the page, as large as the window lets it be. */
function LargeCard({ view, shown, drill, onClose }: LargeCardProps) {
  const { card, result, error, stale } = view;
  const dialog = useRef<HTMLDialogElement>(null);
  const opener = useRef<Element | null>(null);
  useEffect(() => {
    const opened = dialog.current;
    if (opened && !opened.open) {
      opener.current = (opened.getRootNode() as Document | ShadowRoot).activeElement;
      opened.showModal();
    }
    return () => {
      // StrictMode's trial leaves it in the page, and open.
      if (opened?.isConnected) return;
      // A dialog that was taken out of the page doesn't give the focus back by itself.
      if (opener.current instanceof HTMLElement && opener.current.isConnected) opener.current.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className="oriel-large"
      aria-label={card.title}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <Card
        title={card.title}
        chart={card.chart}
        result={result}
        error={error}
        stale={stale}
        loading={shown.loading}
        locale={shown.locale}
        drawing={drill?.drawing}
        actions={
          <>
            {drill && <span className="oriel-muted oriel-hint">{drill.hint}</span>}
            <button type="button" className="oriel-data-toggle" onClick={onClose}>
              {words.close}
            </button>
          </>
        }
      />
    </dialog>
  );
}
