import { useEffect, useRef } from "react";
import { mountChart } from "@oriel/charts";
import type { Chart, Result } from "@oriel/core";

interface ChartBoxProps {
  chart: Chart;
  result: Result;
  title: string;
  locale: string | undefined;
  showData: boolean;
  /** Called when a result can't be drawn: it must not take the host's page with it. */
  onBroken: (result: Result) => void;
}

type Mounted = ReturnType<typeof mountChart>;

/** A chart in a box whose size the page decides; drawn in an effect, never on a server. */
export function ChartBox({ chart, result, title, locale, showData, onBroken }: ChartBoxProps) {
  const box = useRef<HTMLDivElement>(null);
  const mounted = useRef<Mounted | undefined>(undefined);
  useEffect(() => {
    if (!box.current) return;
    const options = { chart, result, title, showData, locale };
    try {
      if (mounted.current) mounted.current.update(options);
      else mounted.current = mountChart(box.current, options);
    } catch {
      mounted.current?.destroy();
      mounted.current = undefined;
      onBroken(result);
    }
  }, [chart, result, title, showData, locale, onBroken]);
  useEffect(
    () => () => {
      mounted.current?.destroy();
      mounted.current = undefined;
    },
    [],
  );
  return <div className="oriel-chart-box" ref={box} />;
}
