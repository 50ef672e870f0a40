import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import type { Parameter, ParameterChoice } from "@oriel/core";
import { words } from "./words.js";

/** How many choices stand in the list at once; the rest is found by typing. */
const most = 200;

interface ListFilterProps {
  parameter: Parameter;
  value: readonly string[];
  /** Asks for the choices; called when the list opens. */
  load: (signal: AbortSignal) => Promise<readonly ParameterChoice[]>;
  onChange: (value: readonly string[]) => void;
}

/** Several values of a list: a button that opens a searchable list box. */
export function ListFilter(props: ListFilterProps) {
  const { parameter, value, onChange } = props;
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const label = useId();
  const panel = useId();
  const [only] = value;
  const summary = value.length > 1 ? words.chosen(value.length) : (only ?? words.all);

  const leave = (next: EventTarget | null) => {
    if (!(next instanceof Node) || !root.current?.contains(next)) setOpen(false);
  };
  return (
    <div
      className="oriel-filter"
      role="group"
      aria-labelledby={label}
      ref={root}
      onBlur={(event) => {
        // Null: the window lost the focus, or nothing focusable was clicked.
        if (event.relatedTarget !== null) leave(event.relatedTarget);
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.stopPropagation();
        setOpen(false);
        opener.current?.focus();
      }}
    >
      <span className="oriel-filter-label" id={label}>
        {parameter.label}
      </span>
      <div className="oriel-range">
        <button
          type="button"
          ref={opener}
          className="oriel-input oriel-opener"
          aria-label={`${parameter.label}: ${summary}`}
          aria-haspopup="dialog"
          aria-expanded={open}
          aria-controls={open ? panel : undefined}
          onClick={() => {
            setOpen(!open);
          }}
        >
          <span className="oriel-opener-text">{summary}</span>
        </button>
        <button
          type="button"
          className="oriel-clear"
          aria-label={`${words.clear} ${parameter.label}`}
          disabled={value.length === 0}
          onClick={() => {
            onChange([]);
          }}
        >
          {words.clear}
        </button>
      </div>
      {open && (
        <Panel
          {...props}
          id={panel}
          onOutside={(target) => {
            leave(target);
          }}
        />
      )}
    </div>
  );
}

interface PanelProps extends ListFilterProps {
  id: string;
  onOutside: (target: EventTarget | null) => void;
}

/** Search field and list box; the focus stays in the field, the arrows move. */
function Panel(props: PanelProps) {
  const { parameter, value, load, onChange, onOutside } = props;
  const choices = useChoices(load);
  const [search, setSearch] = useState("");
  const [active, setActive] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const ids = useId();

  useEffect(() => {
    field.current?.focus();
  }, []);
  useEffect(() => {
    const outside = (event: Event) => {
      onOutside(event.composedPath()[0] ?? event.target);
    };
    document.addEventListener("pointerdown", outside);
    return () => {
      document.removeEventListener("pointerdown", outside);
    };
  });
  useEffect(() => {
    const option = list.current?.children[active];
    option?.scrollIntoView?.({ block: "nearest" });
  }, [active]);

  const found = matching(choices.items, search);
  const shown = found.slice(0, most);
  const at = Math.min(active, shown.length - 1);
  const toggle = (choice: ParameterChoice | undefined) => {
    if (!choice) return;
    const has = value.includes(choice.value);
    onChange(has ? value.filter((one) => one !== choice.value) : [...value, choice.value]);
  };
  const onKey = (event: KeyboardEvent) => {
    const to = moved(event.key, at, shown.length);
    if (to !== undefined) setActive(to);
    else if (event.key === "Enter") toggle(shown[at]);
    else return;
    event.preventDefault();
  };

  return (
    <div className="oriel-panel" role="dialog" aria-label={parameter.label} id={props.id}>
      <input
        ref={field}
        className="oriel-input"
        role="combobox"
        aria-label={words.search(parameter.label)}
        aria-autocomplete="list"
        aria-expanded="true"
        aria-controls={`${ids}list`}
        aria-activedescendant={at >= 0 ? `${ids}option${String(at)}` : undefined}
        placeholder={words.search(parameter.label)}
        autoComplete="off"
        spellCheck={false}
        value={search}
        onChange={(event) => {
          setSearch(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKey}
      />
      <ul
        ref={list}
        className="oriel-options"
        role="listbox"
        aria-multiselectable="true"
        aria-label={parameter.label}
        id={`${ids}list`}
      >
        {shown.map((choice, index) => (
          <li
            key={choice.value}
            id={`${ids}option${String(index)}`}
            role="option"
            aria-selected={value.includes(choice.value)}
            data-active={index === at}
            onPointerDown={(event) => {
              // The focus stays in the search field.
              event.preventDefault();
            }}
            onClick={() => {
              setActive(index);
              toggle(choice);
            }}
          >
            {choice.label}
          </li>
        ))}
      </ul>
      <p className="oriel-panel-note" role="status">
        {choices.note ??
          (found.length === 0
            ? choices.items.length === 0
              ? words.noValues
              : words.noMatch
            : found.length > most
              ? words.moreValues(found.length - most)
              : "")}
      </p>
    </div>
  );
}

/** The choices as they stand; `note` says why there are none yet. */
function useChoices(load: ListFilterProps["load"]) {
  const [state, setState] = useState<{
    items: readonly ParameterChoice[];
    note?: string;
  }>({ items: [], note: words.loading });
  const [first] = useState(() => load);
  useEffect(() => {
    const controller = new AbortController();
    first(controller.signal).then(
      (items) => {
        setState({ items });
      },
      (error: unknown) => {
        if (controller.signal.aborted) return;
        const note = error instanceof Error ? error.message : words.noValues;
        setState({ items: [], note });
      },
    );
    return () => {
      controller.abort();
    };
  }, [first]);
  return state;
}

function matching(items: readonly ParameterChoice[], search: string): readonly ParameterChoice[] {
  const wanted = search.trim().toLocaleLowerCase();
  if (wanted === "") return items;
  return items.filter((item) => item.label.toLocaleLowerCase().includes(wanted));
}

/** Where a key leads in a list of `length`; undefined for other keys. */
function moved(key: string, at: number, length: number): number | undefined {
  if (length === 0) return undefined;
  if (key === "ArrowDown") return (at + 1) % length;
  if (key === "ArrowUp") return (at - 1 + length) % length;
  if (key === "PageDown") return Math.min(at + 10, length - 1);
  if (key === "PageUp") return Math.max(at - 10, 0);
  return undefined;
}
