import { useEffect, useId, useRef, useState } from "react";
import type { DateRange, Parameter, ParameterChoice } from "@oriel/core";
import { words } from "./words.js";

interface DateFilterProps {
  parameter: Parameter;
  value: DateRange;
  /** What applies when nothing is chosen. */
  standard: DateRange;
  locale: string | undefined;
  /** Whether the charts are there: nothing is asked before. */
  settled: boolean;
  /** Asks for the first and the last day that have data. */
  load: (signal: AbortSignal) => Promise<readonly ParameterChoice[]>;
  onChange: (value: DateRange | undefined) => void;
}

/**
 * A range of days, both inclusive. It applies when both are there and in
 * order, and when both are empty again, which brings the default back; between
 * the two nothing is run.
 */
export function DateFilter(props: DateFilterProps) {
  const { parameter, value, standard, locale, onChange } = props;
  const [draft, setDraft] = useState(value);
  const [applied, setApplied] = useState(value);
  const name = useId();
  const note = useId();
  const days = useDays(props);
  // The host gave another value: what was half typed yields to it.
  if (value.from !== applied.from || value.to !== applied.to) {
    setApplied(value);
    setDraft(value);
  }
  const backwards = inOrder(draft) === false;

  const change = (next: DateRange) => {
    const empty = !next.from && !next.to;
    setDraft(empty ? standard : next);
    if (empty) onChange(undefined);
    else if (inOrder(next)) onChange(next);
  };
  const field = (end: "from" | "to") => (
    <DateField
      label={words[end]}
      value={draft[end]}
      days={days}
      note={note}
      invalid={backwards}
      onChange={(day) => {
        change({ ...draft, [end]: day });
      }}
    />
  );
  return (
    <div className="oriel-filter" role="group" aria-labelledby={name}>
      <div className="oriel-filter-head">
        <span className="oriel-filter-label" id={name}>
          {parameter.label}
        </span>
        <p className="oriel-filter-note" id={note} role="status" data-bad={backwards}>
          {hint(draft, backwards) ?? (days ? words.dataFor(written(days, locale)) : "")}
        </p>
      </div>
      <div className="oriel-range">
        {field("from")}
        {field("to")}
        <button
          type="button"
          className="oriel-clear"
          aria-label={`${words.clear} ${parameter.label}`}
          disabled={draft.from === standard.from && draft.to === standard.to}
          onClick={() => {
            change({});
          }}
        >
          {words.clear}
        </button>
      </div>
    </div>
  );
}

/** The first and the last day that have data. */
interface Days {
  first: string;
  last: string;
}

/** Asks once, after the charts; a filter does its work without an answer. */
function useDays({ parameter, settled, load }: DateFilterProps): Days | undefined {
  const [days, setDays] = useState<Days>();
  const [first] = useState(() => load);
  const ask = settled || days !== undefined;
  const offered = parameter.has_values === true;
  useEffect(() => {
    if (!ask || !offered) return undefined;
    const controller = new AbortController();
    first(controller.signal).then(
      (ends) => {
        const [from, to] = ends;
        if (from && to && isDay(from.value) && isDay(to.value)) {
          setDays({ first: from.value, last: to.value });
        }
      },
      () => undefined,
    );
    return () => {
      controller.abort();
    };
  }, [ask, offered, first]);
  return days;
}

function isDay(text: string): boolean {
  return !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
}

/** As somebody of the locale writes a range of days, in no time zone. */
function written({ first, last }: Days, locale: string | undefined): string {
  const format = new Intl.DateTimeFormat(locale, {
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  });
  return format.formatRange(Date.parse(first), Date.parse(last));
}

/** What keeps a draft from being applied. */
function hint({ from, to }: DateRange, backwards: boolean): string | undefined {
  if (backwards) return words.rangeBackwards;
  if (from && !to) return words.endMissing(words.to);
  if (to && !from) return words.endMissing(words.from);
  return undefined;
}

function DateField(props: {
  label: string;
  value: string | undefined;
  days: Days | undefined;
  /** The id of the sentence that says what is wrong, or which days have data. */
  note: string;
  invalid: boolean;
  onChange: (value: string) => void;
}) {
  const field = useRef<HTMLInputElement>(null);
  useBounds(field, props.days);
  return (
    <label className="oriel-field">
      <span>{props.label}</span>
      <input
        ref={field}
        type="date"
        className="oriel-input"
        value={props.value ?? ""}
        aria-invalid={props.invalid}
        aria-describedby={props.note}
        onChange={(event) => {
          props.onChange(event.target.value);
        }}
      />
    </label>
  );
}

/**
 * Lets the browser's calendar open where there are data. A field in which
 * somebody types waits: browsers drop what is half typed when bounds change.
 */
function useBounds(field: React.RefObject<HTMLInputElement | null>, days: Days | undefined) {
  useEffect(() => {
    const input = field.current;
    if (!input || !days) return undefined;
    const bound = () => {
      input.min = days.first;
      input.max = days.last;
    };
    if (!input.matches(":focus")) {
      bound();
      return undefined;
    }
    input.addEventListener("blur", bound, { once: true });
    return () => {
      input.removeEventListener("blur", bound);
    };
  }, [field, days]);
}

/** Undefined while an end is missing, or its year is still being typed. */
function inOrder({ from, to }: DateRange): boolean | undefined {
  if (!from || !to || from < "1000" || to < "1000") return undefined;
  return from <= to;
}
