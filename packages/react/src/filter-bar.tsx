import { useSurroundings } from "./context.js";
import { DateFilter } from "./date-filter.js";
import { ListFilter } from "./list-filter.js";
import { words } from "./words.js";
import type { DashboardInfo, DateRange, Parameter, Parameters, ParameterValue } from "@oriel/core";

interface FilterBarProps {
  dashboard: DashboardInfo;
  params: Parameters;
  locale: string | undefined;
  /** Whether all cards have arrived. */
  settled: boolean;
  onChange: (params: Parameters) => void;
}

/** The dashboard's filters: ranges of days and lists that offer their values. */
export function FilterBar({ dashboard, params, locale, settled, onChange }: FilterBarProps) {
  const { client } = useSurroundings("StaticDashboard");
  const shown = dashboard.parameters.filter(canFilter);
  if (shown.length === 0) return null;
  const set = (name: string, value: ParameterValue) => {
    const next = { ...params, [name]: value };
    if (value === undefined) delete next[name];
    onChange(next);
  };
  return (
    <div className="oriel-filters" role="group" aria-label={words.filters}>
      {shown.map((parameter) => {
        const value = params[parameter.name];
        const load = (signal: AbortSignal) =>
          client.parameterValues(dashboard.id, parameter.name, { signal });
        return parameter.type === "date_range" ? (
          <DateFilter
            key={parameter.name}
            parameter={parameter}
            value={rangeOf(value)}
            locale={locale}
            settled={settled}
            load={load}
            onChange={(range) => {
              set(parameter.name, range);
            }}
          />
        ) : (
          <ListFilter
            key={parameter.name}
            parameter={parameter}
            value={listOf(value)}
            load={load}
            onChange={(list) => {
              set(parameter.name, list.length > 0 ? list : undefined);
            }}
          />
        );
      })}
    </div>
  );
}

function canFilter({ type, has_values }: Parameter): boolean {
  return type === "date_range" || (type === "list" && has_values === true);
}

const empty: readonly string[] = [];

function listOf(value: ParameterValue): readonly string[] {
  if (typeof value === "string") return value === "" ? empty : [value];
  return isList(value) ? value : empty;
}

function rangeOf(value: ParameterValue): DateRange {
  if (typeof value !== "object" || value === null || isList(value)) return {};
  return value;
}

function isList(value: ParameterValue): value is readonly string[] {
  return Array.isArray(value);
}
