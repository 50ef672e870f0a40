import { useId, useState, type FormEvent, type ReactNode } from "react";
import { words } from "../words.js";
import { exactly, isNumber, isTime, type Aggregation, type Field, type Filter, type Unit } from "./tree.js";

interface ChoiceProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly { value: Value; label: string; group?: string }[];
  onChange: (value: Value) => void;
}

/** One of a few, under a label. */
export function Choice<Value extends string>({ label, value, options, onChange }: ChoiceProps<Value>) {
  const id = useId();
  const groups = [...new Set(options.map((one) => one.group ?? ""))];
  return (
    <div className="oriel-explore-field">
      <label className="oriel-filter-label" htmlFor={id}>
        {label}
      </label>
      <select
        id={id}
        className="oriel-input"
        value={value}
        onChange={(event) => {
          onChange(event.target.value as Value);
        }}
      >
        {groups.map((group) => {
          const within = options
            .filter((one) => (one.group ?? "") === group)
            .map((one) => (
              <option key={one.value} value={one.value}>
                {one.label}
              </option>
            ));
          return group === "" ? (
            within
          ) : (
            <optgroup key={group} label={group}>
              {within}
            </optgroup>
          );
        })}
      </select>
    </div>
  );
}

/** What a field of a form is asked for. */
function Entry(props: {
  label: string;
  type: "text" | "number" | "date";
  value: string;
  min?: number;
  required?: boolean;
  onChange: (value: string) => void;
}) {
  const id = useId();
  return (
    <div className="oriel-explore-field">
      <label className="oriel-filter-label" htmlFor={id}>
        {props.label}
      </label>
      <input
        id={id}
        className="oriel-input"
        type={props.type}
        step="any"
        min={props.min}
        required={props.required}
        autoComplete="off"
        value={props.value}
        onChange={(event) => {
          props.onChange(event.target.value);
        }}
      />
    </div>
  );
}

/** A form that adds one thing; its button comes last. */
function Adding(props: { ready: boolean; onAdd: () => void; children: ReactNode }) {
  return (
    <form
      className="oriel-explore-form"
      onSubmit={(event: FormEvent) => {
        // The host's page may stand in a form of its own.
        event.preventDefault();
        event.stopPropagation();
        if (props.ready) props.onAdd();
      }}
    >
      {props.children}
      <button type="submit" className="oriel-button" aria-disabled={!props.ready}>
        {words.add}
      </button>
    </form>
  );
}

function optionsOf(fields: readonly Field[]) {
  return fields.map(({ name, label, group }) => ({ value: name, label, group }));
}

function operatorsFor(type: Field["type"] | undefined): Filter["op"][] {
  if (isTime(type)) return [">=", "<", "is_null", "is_not_null"];
  if (isNumber(type)) return ["=", "!=", "<", "<=", ">", ">=", "is_null", "is_not_null"];
  if (type === "boolean") return ["=", "is_null", "is_not_null"];
  return ["=", "!=", "is_null", "is_not_null"];
}

/** Column, condition and a value of the column's type. */
export function FilterForm({ fields, onAdd }: { fields: readonly Field[]; onAdd: (filter: Filter) => void }) {
  const [name, setName] = useState(fields[0]?.name ?? "");
  const [chosen, setChosen] = useState<Filter["op"]>("=");
  const [text, setText] = useState("");
  const field = fields.find((one) => one.name === name);
  const operators = operatorsFor(field?.type);
  const op = operators.includes(chosen) ? chosen : (operators[0] ?? "=");
  const bare = op === "is_null" || op === "is_not_null";
  const time = isTime(field?.type);
  const value = () => {
    if (isNumber(field?.type)) return exactly(text);
    if (field?.type === "boolean") return text !== "false";
    return text === "" ? undefined : text;
  };
  const ready = field !== undefined && (bare || value() !== undefined);
  return (
    <Adding
      ready={ready}
      onAdd={() => {
        onAdd(bare ? { column: name, op } : { column: name, op, value: value() });
        setText("");
      }}
    >
      <Choice
        label={words.column}
        value={name}
        options={optionsOf(fields)}
        onChange={(next) => {
          setName(next);
          setText("");
        }}
      />
      <Choice
        label={words.condition}
        value={op}
        options={operators.map((one) => ({
          value: one,
          label: (time ? words.dayOperators[one] : undefined) ?? words.operators[one],
        }))}
        onChange={setChosen}
      />
      {!bare && field?.type === "boolean" && (
        <Choice
          label={words.value}
          value={text === "false" ? "false" : "true"}
          options={[
            { value: "true", label: words.yes },
            { value: "false", label: words.no },
          ]}
          onChange={setText}
        />
      )}
      {!bare && field?.type !== "boolean" && (
        <Entry
          label={words.value}
          type={time ? "date" : isNumber(field?.type) ? "number" : "text"}
          value={text}
          required
          onChange={setText}
        />
      )}
    </Adding>
  );
}

const functions: Aggregation["function"][] = ["count", "distinct", "sum", "avg", "median", "min", "max"];

/** A function and the column that it is of. */
export function AggregationForm(props: {
  fields: readonly Field[];
  onAdd: (of: Aggregation["function"], field: Field | undefined) => void;
}) {
  const [of, setOf] = useState<Aggregation["function"]>("count");
  const [name, setName] = useState("");
  const fitting = props.fields.filter(({ type }) => {
    if (of === "distinct") return true;
    return isNumber(type) || ((of === "min" || of === "max") && isTime(type));
  });
  const field = fitting.find((one) => one.name === name) ?? fitting[0];
  return (
    <Adding
      ready={of === "count" || field !== undefined}
      onAdd={() => {
        props.onAdd(of, of === "count" ? undefined : field);
      }}
    >
      <Choice
        label={words.figure}
        value={of}
        options={functions.map((one) => ({ value: one, label: words.functions[one] }))}
        onChange={setOf}
      />
      {of !== "count" && field && (
        <Choice label={words.column} value={field.name} options={optionsOf(fitting)} onChange={setName} />
      )}
    </Adding>
  );
}

const dayUnits: Unit[] = ["day", "week", "month", "quarter", "year", "day_of_week", "month_of_year"];
const timeUnits: Unit[] = ["hour", ...dayUnits, "hour_of_day"];

/** A column, and in which steps of time or of what width. */
export function BreakoutForm(props: {
  fields: readonly Field[];
  onAdd: (field: Field, by: { unit?: Unit; width?: number }) => void;
}) {
  const [name, setName] = useState(props.fields[0]?.name ?? "");
  const [unit, setUnit] = useState<Unit>("day");
  const [width, setWidth] = useState("");
  const field = props.fields.find((one) => one.name === name);
  const units = field?.type === "timestamp" ? timeUnits : dayUnits;
  const wide = Number(width);
  return (
    <Adding
      ready={field !== undefined}
      onAdd={() => {
        if (!field) return;
        if (isTime(field.type)) props.onAdd(field, { unit });
        else props.onAdd(field, isNumber(field.type) && wide > 0 ? { width: wide } : {});
      }}
    >
      <Choice label={words.column} value={name} options={optionsOf(props.fields)} onChange={setName} />
      {isTime(field?.type) && (
        <Choice
          label={words.by}
          value={units.includes(unit) ? unit : "day"}
          options={units.map((one) => ({ value: one, label: words.units[one] }))}
          onChange={setUnit}
        />
      )}
      {isNumber(field?.type) && (
        <Entry label={words.width} type="number" min={0} value={width} onChange={setWidth} />
      )}
    </Adding>
  );
}

/** A column of the result, and which end comes first. */
export function SortForm(props: {
  columns: readonly { name: string; label: string }[];
  onAdd: (by: string, descending: boolean) => void;
}) {
  const [name, setName] = useState("");
  const [order, setOrder] = useState<"up" | "down">("down");
  const by = props.columns.find((one) => one.name === name) ?? props.columns[0];
  return (
    <Adding
      ready={by !== undefined}
      onAdd={() => {
        if (by) props.onAdd(by.name, order === "down");
      }}
    >
      <Choice
        label={words.column}
        value={by?.name ?? ""}
        options={props.columns.map((one) => ({ value: one.name, label: one.label }))}
        onChange={setName}
      />
      <Choice
        label={words.order}
        value={order}
        options={[
          { value: "down", label: words.descending },
          { value: "up", label: words.ascending },
        ]}
        onChange={setOrder}
      />
    </Adding>
  );
}
