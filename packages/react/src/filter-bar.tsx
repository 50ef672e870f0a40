import { DateFilter } from "./date-filter.js";
import { ListFilter } from "./list-filter.js";
import { words } from "./words.js";
import type { DateRange, Parameter, ParameterChoice, Parameters, ParameterValue } from "@oriel/core";

interface FilterBarProps {
  parameters: readonly Parameter[];
  /** What a filter offers this person. */
  load: (parameter: string, signal: AbortSignal) => Promise<readonly ParameterChoice[]>;
  params: Parameters;
  locale: string | undefined;
  /** Whether all cards have arrived. */
  settled: boolean;
  onChange: (params: Parameters) => void;
}

/** Filters: ranges of days, and lists that offer their values. */
export function FilterBar({ parameters, load: offer, params, locale, settled, onChange }: FilterBarProps) {
  const shown = parameters.filter(canFilter);
  if (shown.length === 0) return null;
  const set = (name: string, value: ParameterValue) => {
    const next = { ...params, [name]: value };
    if (value === undefined) delete next[name];
    onChange(next);
  };
  return (
    <div className="oriel-filters" role="group" aria-label={words.filters}>
      {shown.map((parameter) => {
        const value = params[parameter.name] ?? parameter.default;
        const load = (signal: AbortSignal) => offer(parameter.name, signal);
        return isRange(parameter) ? (
          <DateFilter
            key={parameter.name}
            parameter={parameter}
            value={rangeOf(value)}
            standard={rangeOf(parameter.default)}
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

/** Whether the bar shows a field for it. */
export function canFilter(parameter: Parameter): boolean {
  return isRange(parameter) || (isChoice(parameter) && parameter.has_values === true);
}

/** Whether days are chosen: as a range, or by a column of days. */
export function isRange({ type, column_type }: Parameter): boolean {
  return (
    type === "date_range" || (type === "column" && (column_type === "date" || column_type === "timestamp"))
  );
}

function isChoice({ type, column_type }: Parameter): boolean {
  return type === "list" || (type === "column" && column_type === "text");
}

const empty: readonly string[] = [];

function listOf(value: unknown): readonly string[] {
  if (typeof value === "string") return value === "" ? empty : [value];
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : empty;
}

/** A day is the range of that day. */
function rangeOf(value: unknown): DateRange {
  if (typeof value === "string") return { from: value, to: value };
  if (typeof value !== "object" || value === null) return {};
  const range: DateRange = {};
  if ("from" in value && typeof value.from === "string") range.from = value.from;
  if ("to" in value && typeof value.to === "string") range.to = value.to;
  return range;
}
