import { useId, useState, type HTMLAttributes, type ReactNode } from "react";
import type { CardView, Chart, OrielError, Result } from "@oriel/core";
import { ChartBox } from "./chart-box.js";
import { ChartFailure } from "./error-card.js";
import { words } from "./words.js";

/** What can be done with a card beside looking at it. */
export interface CardDoing {
  /** Buttons after the one for the data. */
  actions?: ReactNode;
  /** Heeds clicks and keys on the drawing. */
  drawing?: HTMLAttributes<HTMLDivElement> | undefined;
}

interface CardProps extends CardDoing {
  title: string;
  chart: Chart | undefined;
  result: Result | undefined;
  error: OrielError | undefined;
  stale: boolean;
  loading: boolean;
  locale: string | undefined;
  /** What the host shows in place of a result without rows. */
  empty?: ReactNode;
  /** The place on the grid. */
  style?: React.CSSProperties;
}

/** One chart in its frame; the frame has its final size before the chart is there. */
export function Card(props: CardProps) {
  const { title, chart, result, error, stale, loading, locale } = props;
  const [showData, setShowData] = useState(false);
  const [broken, setBroken] = useState<Result>();
  const heading = useId();
  const failed = error !== undefined || (result ? broken === result : !loading);
  const bare = result?.row_count === 0 && !failed && props.empty !== undefined;
  const drawn = result !== undefined && !failed && !bare && chart !== undefined;
  return (
    <section
      className="oriel-card"
      data-kind={chart?.kind}
      style={props.style}
      aria-labelledby={heading}
      aria-busy={loading && (stale || !result)}
    >
      <div className="oriel-card-head">
        <h3 className="oriel-card-title" id={heading}>
          {title}
        </h3>
        {chart?.kind !== "table" && (
          <button
            type="button"
            className="oriel-data-toggle"
            aria-pressed={showData}
            aria-label={`${words.showData}: ${title}`}
            disabled={!drawn}
            onClick={() => {
              setShowData(!showData);
            }}
          >
            {words.showData}
          </button>
        )}
        {props.actions}
      </div>
      {chart?.note !== undefined && <p className="oriel-card-note">{chart.note}</p>}
      <div
        className="oriel-card-body"
        data-stale={(drawn || bare) && stale}
        {...(drawn ? props.drawing : {})}
      >
        {failed && <ChartFailure error={error} />}
        {bare && props.empty}
        {!failed && !bare && !drawn && <div className="oriel-bone oriel-fill" />}
        {drawn && (
          <ChartBox
            chart={chart}
            result={result}
            title={title}
            locale={locale}
            showData={showData}
            onBroken={setBroken}
          />
        )}
      </div>
    </section>
  );
}

/** A dashboard's card at its place on the grid of 24 columns. */
export function GridCard(
  props: { view: CardView; loading: boolean; locale: string | undefined } & CardDoing,
) {
  const { card, result, error, stale } = props.view;
  return (
    <Card
      title={card.title}
      chart={card.chart}
      result={result}
      error={error}
      stale={stale}
      loading={props.loading}
      locale={props.locale}
      actions={props.actions}
      drawing={props.drawing}
      style={{
        gridColumn: `${String(card.x + 1)} / span ${String(card.w)}`,
        gridRow: `${String(card.y + 1)} / span ${String(card.h)}`,
      }}
    />
  );
}
