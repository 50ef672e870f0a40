import { toNumber, toTime, written, type Grain } from "./data.js";
import type { Column, Format } from "./types.js";
import { words } from "./words.js";

type NumberOptions = Intl.NumberFormatOptions;

const dateOptions: Record<Grain, Intl.DateTimeFormatOptions> = {
  year: { year: "numeric" },
  month: { year: "numeric", month: "short" },
  day: { year: "numeric", month: "short", day: "numeric" },
  minute: { year: "numeric", month: "short", day: "numeric", hour: "numeric", minute: "2-digit" },
};

/** How a column's numbers are written; `unit` is one that Intl doesn't know, to be written behind them. */
interface Spelling {
  formatter: Intl.NumberFormat;
  unit: string;
}

/**
 * Writes values for people in one locale. Making an Intl formatter is dear, so each is made once;
 * they live as long as this object, not in the module, because a server would collect the locales of all its users.
 */
export class Formats {
  readonly locale: string | undefined;
  readonly #columns = new WeakMap<Column, Spelling>();
  readonly #numbers = new Map<string, Intl.NumberFormat>();
  readonly #dates = new Map<string, Intl.DateTimeFormat>();

  /** An unknown or malformed locale is taken for the reader's own. */
  constructor(locale?: string) {
    this.locale = canonical(locale);
  }

  /** Writes a cell; an empty string for null. */
  cell(column: Column, cell: unknown): string {
    const exact = written(cell);
    switch (column.type) {
      case "integer":
      case "integer64":
      case "decimal":
      case "number":
        return toNumber(cell) === null ? exact : this.number(column, cell as number | string);
      case "date":
      case "timestamp": {
        const time = toTime(cell);
        return time === null ? exact : this.time(time, column.type === "date" ? "day" : "minute");
      }
      case "boolean":
        return cell === true ? words.yes : cell === false ? words.no : exact;
      default:
        return exact;
    }
  }

  /** Writes a number of a column. A string keeps digits that a JavaScript number cannot hold. */
  number(column: Column, value: number | string, more?: NumberOptions): string {
    const { formatter, unit } = this.#column(column, more);
    // Intl takes decimal strings at full precision; the types of ES2022 don't know.
    return formatter.format(value as number) + (unit && ` ${unit}`);
  }

  /** The same in parts, so that a unit can be set apart and a sign after rounding be seen. */
  parts(column: Column, value: number | string, more?: NumberOptions): { type: string; value: string }[] {
    const { formatter, unit } = this.#column(column, more);
    const parts = formatter.formatToParts(value as number);
    return unit ? [...parts, { type: "literal", value: " " }, { type: "unit", value: unit }] : parts;
  }

  /** Writes a plain number, as of rows. */
  plain(value: number, options: NumberOptions = {}): string {
    return this.#number(options).format(value);
  }

  /** Writes the numbers of an axis: as few digits as tell its ticks apart, compact when they are large. */
  ticks(column: Column, ticks: readonly number[]): string[] {
    const step = Math.abs((ticks[1] ?? 1) - (ticks[0] ?? 0)) || 1;
    const largest = Math.max(...ticks.map(Math.abs));
    const percent = column.format.style === "percent";
    const digits = Math.min(20, Math.max(0, -Math.floor(Math.log10(step * (percent ? 100 : 1)) + 1e-9)));
    const compact = !percent && largest >= 10_000;
    const options: NumberOptions = compact
      ? { notation: "compact", maximumFractionDigits: 2 }
      : { minimumFractionDigits: digits, maximumFractionDigits: digits };
    if (percent) options.style = "percent";
    if (column.format.style === "currency" && column.format.currency) {
      Object.assign(options, {
        style: "currency",
        currency: column.format.currency,
        currencyDisplay: "narrowSymbol",
      });
      if (compact) options.minimumFractionDigits = 0;
    }
    return ticks.map((tick) => this.#number(options).format(tick === 0 ? 0 : tick));
  }

  /** The title of an axis: the column's label, with its unit. */
  axisTitle(column: Column): string {
    if (column.format.style !== "unit") return column.label;
    const unit = this.parts(column, 2).find((part) => part.type === "unit")?.value;
    return unit ? `${column.label} (${unit})` : column.label;
  }

  /** Writes a wall time as its grain asks. */
  time(time: number, grain: Grain, more: Intl.DateTimeFormatOptions = {}): string {
    return this.date(time, { ...dateOptions[grain], ...more });
  }

  date(time: number, options: Intl.DateTimeFormatOptions): string {
    const key = JSON.stringify(options);
    let formatter = this.#dates.get(key);
    if (!formatter)
      this.#dates.set(
        key,
        (formatter = new Intl.DateTimeFormat(this.locale, { ...options, timeZone: "UTC" })),
      );
    return formatter.format(time);
  }

  #column(column: Column, more?: NumberOptions): Spelling {
    const known = more ? undefined : this.#columns.get(column);
    if (known) return known;
    const formatter = this.#number({ ...optionsOf(column), ...more });
    const { style, unit = "" } = column.format;
    const foreign = style === "unit" && formatter.resolvedOptions().style !== "unit";
    const spelling = { formatter, unit: foreign ? unit : "" };
    if (!more) this.#columns.set(column, spelling);
    return spelling;
  }

  #number(options: NumberOptions): Intl.NumberFormat {
    const key = JSON.stringify(options);
    let formatter = this.#numbers.get(key);
    if (!formatter) this.#numbers.set(key, (formatter = numberFormat(this.locale, options)));
    return formatter;
  }
}

/** A currency or unit that Intl doesn't know falls back to a plain number, so that a chart never fails over a format. */
function numberFormat(locale: string | undefined, options: NumberOptions): Intl.NumberFormat {
  try {
    return new Intl.NumberFormat(locale, options);
  } catch {
    const plain = { ...options };
    for (const key of ["style", "currency", "unit"] as const) delete plain[key];
    return new Intl.NumberFormat(locale, plain);
  }
}

function optionsOf(column: Column): NumberOptions {
  const { style, currency, unit, digits } = column.format;
  const options: NumberOptions = {};
  if (style === "currency" && currency)
    Object.assign(options, { style, currency, currencyDisplay: "narrowSymbol" });
  else if (style === "percent") Object.assign(options, { style, maximumFractionDigits: 1 });
  else options.maximumFractionDigits = column.type.startsWith("integer") ? 0 : 2;
  if (style === "unit" && unit) Object.assign(options, { style, unit, unitDisplay: "short" });
  const fixed = fixedDigits(digits);
  if (fixed !== undefined)
    Object.assign(options, { minimumFractionDigits: fixed, maximumFractionDigits: fixed });
  return options;
}

function fixedDigits(digits: Format["digits"]): number | undefined {
  return digits === undefined || !Number.isFinite(digits)
    ? undefined
    : Math.min(20, Math.max(0, Math.trunc(digits)));
}

function canonical(locale: string | undefined): string | undefined {
  if (!locale) return undefined;
  try {
    return Intl.getCanonicalLocales(locale)[0];
  } catch {
    return undefined;
  }
}
