import { useId, useState } from "react";
import type { DateRange, Parameter } from "@oriel/core";
import { words } from "./words.js";

interface DateFilterProps {
  parameter: Parameter;
  value: DateRange;
  onChange: (value: DateRange | undefined) => void;
}

/**
 * A range of days, both inclusive. It applies when both are there and in
 * order, and when both are empty again; between the two nothing is run.
 */
export function DateFilter({ parameter, value, onChange }: DateFilterProps) {
  const [draft, setDraft] = useState(value);
  const [applied, setApplied] = useState(value);
  const name = useId();
  // The host gave another value: what was half typed yields to it.
  if (value.from !== applied.from || value.to !== applied.to) {
    setApplied(value);
    setDraft(value);
  }
  const backwards = inOrder(draft) === false;

  const change = (next: DateRange) => {
    setDraft(next);
    if (!next.from && !next.to) onChange(undefined);
    else if (inOrder(next)) onChange(next);
  };
  return (
    <fieldset className="oriel-filter">
      <legend className="oriel-filter-label">{parameter.label}</legend>
      <div className="oriel-range">
        <DateField
          label={words.from}
          value={draft.from}
          invalid={backwards ? name : undefined}
          onChange={(from) => {
            change({ ...draft, from });
          }}
        />
        <DateField
          label={words.to}
          value={draft.to}
          invalid={backwards ? name : undefined}
          onChange={(to) => {
            change({ ...draft, to });
          }}
        />
        <button
          type="button"
          className="oriel-clear"
          aria-label={`${words.clear} ${parameter.label}`}
          disabled={!draft.from && !draft.to}
          onClick={() => {
            change({});
          }}
        >
          {words.clear}
        </button>
      </div>
      <p className="oriel-filter-error" id={name} role="status">
        {backwards ? words.rangeBackwards : ""}
      </p>
    </fieldset>
  );
}

function DateField(props: {
  label: string;
  value: string | undefined;
  /** The id of the sentence that says what is wrong. */
  invalid: string | undefined;
  onChange: (value: string) => void;
}) {
  return (
    <label className="oriel-field">
      <span>{props.label}</span>
      <input
        type="date"
        className="oriel-input"
        value={props.value ?? ""}
        aria-invalid={props.invalid !== undefined}
        aria-describedby={props.invalid}
        onChange={(event) => {
          props.onChange(event.target.value);
        }}
      />
    </label>
  );
}

/** Undefined while an end is missing, or its year is still being typed. */
function inOrder({ from, to }: DateRange): boolean | undefined {
  if (!from || !to || from < "1000" || to < "1000") return undefined;
  return from <= to;
}
