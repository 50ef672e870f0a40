import { useId, useState, type ReactNode } from "react";
import type { Chart, Model, Parameter, Result } from "@oriel/core";
import { words } from "../words.js";
import { AggregationForm, BreakoutForm, Choice, FilterForm, SortForm } from "./forms.js";
import { aggregationSaid, breakoutSaid, filterSaid } from "./said.js";
import {
  addAggregation,
  addBreakout,
  addFilter,
  drawnAs,
  fieldsOf,
  isRows,
  kindsFor,
  outputs,
  sortBy,
  without,
  type Draft,
} from "./tree.js";

type Part = "filters" | "aggregations" | "breakouts" | "sort";

interface ExploreBarProps {
  draft: Draft;
  models: ReadonlyMap<string, Model>;
  parameters: readonly Parameter[];
  /** The columns of what is shown, for their labels. */
  result: Result | undefined;
  onChange: (draft: Draft) => void;
}

/** What a question is made of: each part opens under its button, with what stands in it and a form. */
export function ExploreBar({ draft, models, parameters, result, onChange }: ExploreBarProps) {
  const [open, setOpen] = useState<Part>();
  const panel = useId();
  const { tree } = draft;
  const fields = fieldsOf(tree, models);
  const label = (name: string) =>
    draft.columns[name]?.label ?? result?.columns.find((column) => column.name === name)?.label ?? name;
  const said: Record<Part, string[]> = {
    filters: (tree.filters ?? []).map((one) => filterSaid(one, fields, parameters)),
    aggregations: (tree.aggregations ?? []).map((one) => aggregationSaid(one, fields)),
    breakouts: (tree.breakouts ?? []).map((one) => breakoutSaid(one, fields)),
    sort: (tree.sort ?? []).map(
      ({ by, descending }) =>
        `${label(by)}: ${(descending ? words.descending : words.ascending).toLowerCase()}`,
    ),
  };
  const forms: Record<Part, ReactNode> = {
    filters: (
      <FilterForm
        fields={fields}
        onAdd={(filter) => {
          onChange(addFilter(draft, models, filter));
        }}
      />
    ),
    aggregations: (
      <AggregationForm
        fields={fields}
        onAdd={(of, field) => {
          onChange(addAggregation(draft, models, of, field));
        }}
      />
    ),
    breakouts: (
      <BreakoutForm
        fields={fields}
        onAdd={(field, by) => {
          onChange(addBreakout(draft, models, field, by));
        }}
      />
    ),
    sort: (
      <SortForm
        columns={outputs(tree).map((name) => ({ name, label: label(name) }))}
        onAdd={(by, descending) => {
          onChange(sortBy(draft, models, by, descending));
        }}
      />
    ),
  };
  const names: Record<Part, string> = {
    filters: words.filter,
    aggregations: words.summarise,
    breakouts: words.groupBy,
    sort: words.sort,
  };
  return (
    <div
      className="oriel-explore-parts"
      role="group"
      aria-label={words.explore}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.stopPropagation();
        setOpen(undefined);
        event.currentTarget.querySelector<HTMLElement>(`[data-part="${open}"]`)?.focus();
      }}
    >
      {(Object.keys(names) as Part[]).map((part) => (
        <button
          key={part}
          type="button"
          className="oriel-button"
          data-part={part}
          aria-expanded={open === part}
          aria-controls={open === part ? panel : undefined}
          onClick={() => {
            setOpen(open === part ? undefined : part);
          }}
        >
          {names[part]}
          {said[part].length > 0 && <span className="oriel-count">{said[part].length}</span>}
        </button>
      ))}
      {open && (
        <div className="oriel-explore-panel" id={panel} role="region" aria-label={names[open]}>
          {open === "aggregations" && isRows(tree) && <p className="oriel-muted">{words.rowsShown}</p>}
          {said[open].length > 0 && (
            <ul className="oriel-chips">
              {said[open].map((text, place) => (
                <li key={`${String(place)} ${text}`}>
                  {text}
                  <button
                    type="button"
                    className="oriel-chip-remove"
                    aria-label={words.remove(text)}
                    onClick={(event) => {
                      // The focus stays in reach when what had it is gone.
                      event.currentTarget
                        .closest<HTMLElement>("[role=region]")
                        ?.querySelector("select")
                        ?.focus();
                      onChange(without(draft, models, open, place));
                    }}
                  >
                    <span aria-hidden="true">×</span>
                  </button>
                </li>
              ))}
            </ul>
          )}
          {forms[open]}
        </div>
      )}
    </div>
  );
}

interface KindChoiceProps {
  kinds: readonly Chart["kind"][];
  kind: Chart["kind"];
  onChange: (kind: Chart["kind"]) => void;
}

/** The kinds of chart that fit. */
export function KindChoice({ kinds, kind, onChange }: KindChoiceProps) {
  const all = kinds.includes(kind) ? kinds : [kind, ...kinds];
  return (
    <Choice
      label={words.chartType}
      value={kind}
      options={all.map((one) => ({ value: one, label: words.kinds[one] }))}
      onChange={onChange}
    />
  );
}

/** A draft in another kind of chart. */
export function withKind(draft: Draft, kind: Chart["kind"]): Draft {
  return { ...draft, chart: drawnAs(draft.tree, draft.chart, kind) };
}

/** The kinds that fit a draft. */
export function kindsOf(draft: Draft, models: ReadonlyMap<string, Model>): Chart["kind"][] {
  return kindsFor(draft.tree, fieldsOf(draft.tree, models));
}
