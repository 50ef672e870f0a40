import { Component, useEffect, useRef, type ReactNode } from "react";
import { mountChart } from "@oriel/charts";
import type { Chart, Result } from "@oriel/core";

interface ChartBoxProps {
  chart: Chart;
  result: Result;
  title: string;
  locale: string | undefined;
  showData: boolean;
}

type Mounted = ReturnType<typeof mountChart>;

/** A chart in a box whose size the page decides; drawn in an effect, never on a server. */
export function ChartBox({ chart, result, title, locale, showData }: ChartBoxProps) {
  const box = useRef<HTMLDivElement>(null);
  const mounted = useRef<Mounted | undefined>(undefined);
  useEffect(() => {
    if (!box.current) return;
    const options = { chart, result, title, showData, locale };
    if (mounted.current) mounted.current.update(options);
    else mounted.current = mountChart(box.current, options);
  }, [chart, result, title, showData, locale]);
  useEffect(
    () => () => {
      mounted.current?.destroy();
      mounted.current = undefined;
    },
    [],
  );
  return <div className="oriel-chart-box" ref={box} />;
}

interface BoundaryProps {
  /** Another result gets another try. */
  of: unknown;
  /** Shown in place of what failed. */
  instead: ReactNode;
  children: ReactNode;
}

/** Keeps a chart that can't be drawn from taking the host's page with it. */
export class ChartBoundary extends Component<BoundaryProps, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override componentDidUpdate(before: BoundaryProps) {
    if (this.state.failed && before.of !== this.props.of) {
      this.setState({ failed: false });
    }
  }

  override render() {
    return this.state.failed ? this.props.instead : this.props.children;
  }
}
