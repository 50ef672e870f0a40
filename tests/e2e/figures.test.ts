// Every figure in the page is the one that the CSV files give, at full precision.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cardKeys, filterByDate, filterByDestination, people, signIn, twin, type Person } from "./apron.js";
import { openBrowser, openPage, picture, type Watched } from "./browser.js";
import { expectedNumbers, expectedTables } from "./expected.mjs";
import { startStack, type Stack } from "./stack.js";

type Filters = NonNullable<Parameters<typeof expectedTables>[1]>;
type Cell = string | number | null;

const numbers = {
  departures: "departures",
  "average-delay": "average_delay",
  "late-departures": "late_share",
} as const;
const february = { from: "2001-02-01", to: "2001-02-28" };
let stack: Stack;
let browser: Browser;
let staff: Person[];

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), openBrowser()]);
  staff = await people(stack);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

it("four people of two airports work with Apron", () => {
  expect(staff.map((person) => person.airport).sort()).toEqual(["DFW", "DFW", "ORD", "ORD"]);
});

it.each([0, 1, 2, 3])("person %i sees the airport's own figures, unfiltered and filtered", async (n) => {
  const person = staff[n] as Person;
  const watched = await openPage(browser);
  const { page } = watched;
  await signIn(page, stack, person);
  await figures(watched, person.airport, {});
  await picture(page, `dashboard-${person.id}`);

  await filterByDate(page, february);
  await figures(watched, person.airport, { date: february });
  await picture(page, `dashboard-${person.id}-february`);

  const destination = "LAX";
  await filterByDestination(page, destination);
  await figures(watched, person.airport, { date: february, destination: [destination] });
  await picture(page, `dashboard-${person.id}-february-${destination}`);
  expect(watched.faults).toEqual([]);
  await watched.context.close();
});

it("before the data begins there is no comparison", async () => {
  const { page, context } = await openPage(browser);
  await signIn(page, stack, staff[0] as Person);
  for (const [range, compared] of [
    [{ from: "2001-01-01", to: "2001-01-31" }, false],
    [{ from: "2001-01-14", to: "2001-01-27" }, false],
    [{ from: "2001-01-15", to: "2001-01-28" }, true],
  ] as const) {
    await filterByDate(page, range);
    const trends = await page.locator(".oriel-trend").allTextContents();
    expect([range, trends.map((text) => !/no comparison/i.test(text))]).toEqual([
      range,
      [compared, compared, compared],
    ]);
    const [shown] = await twin(page, "departures");
    expect(shown?.departures_previous === "").toBe(!compared);
  }
  await context.close();
});

it("one request brings the whole dashboard, and filters run it anew", async () => {
  const { page, context } = await openPage(browser);
  const runs: string[] = [];
  page.on("request", (request) => request.url().endsWith("/run") && runs.push(request.url()));
  await signIn(page, stack, staff[0] as Person);
  expect(runs).toEqual([`${stack.oriel}/api/v1/dashboards/airport-operations/run`]);
  await filterByDate(page, february);
  expect(runs).toHaveLength(2);
  expect(new Set(runs).size).toBe(1);
  await context.close();
});

async function figures({ page }: Watched, airport: string, filters: Filters): Promise<void> {
  const wantedNumbers = expectedNumbers(airport, filters);
  const wantedTables = expectedTables(airport, filters);
  for (const key of cardKeys) {
    const shown = await twin(page, key);
    const what = `${key} of ${airport} with ${JSON.stringify(filters)}`;
    const column = numbers[key as keyof typeof numbers];
    if (column) {
      const wanted = wantedNumbers[key];
      same(
        shown,
        [{ [column]: wanted?.value ?? null, [`${column}_previous`]: wanted?.previous ?? null }],
        what,
      );
      continue;
    }
    const wanted = wantedTables[key];
    if (!wanted) throw new Error(`nothing is known of the card ${key}`);
    // LAX has fewer than 5 departures in some months: then the card is rightly empty.
    if (!filters.destination) expect(wanted.rows.length, what).toBeGreaterThan(0);
    const inOrder = (rows: Record<string, unknown>[]) =>
      wanted.ordered ? rows : rows.map((row) => JSON.stringify(sorted(row))).sort();
    same(inOrder(typed(shown, wanted.rows)), inOrder(typed(wanted.rows, wanted.rows)), what);
  }
}

/** Texts as what they stand for: numbers where a number is expected, times with a space between. */
function typed(rows: Record<string, Cell>[], like: Record<string, Cell>[]): Record<string, Cell>[] {
  const numeric = new Set(
    Object.entries(like[0] ?? {}).flatMap(([name, cell]) => (typeof cell === "number" ? [name] : [])),
  );
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, cell]) => [
        name,
        numeric.has(name) && cell !== "" ? Number(cell) : time(cell),
      ]),
    ),
  );
}

function time(cell: Cell): Cell {
  return typeof cell === "string" ? cell.replace(/^(\d{4}-\d\d-\d\d)T/, "$1 ") : cell;
}

function sorted(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Numbers at full precision: the last bit may differ, where a sum was added in another order. */
function same(shown: unknown[], wanted: unknown[], what: string): void {
  expect(shown.length, what).toBe(wanted.length);
  wanted.forEach((row, i) => {
    if (typeof row === "string") return expect(shown[i], what).toEqual(row);
    for (const [name, cell] of Object.entries(row as Record<string, Cell>)) {
      const got = (shown[i] as Record<string, Cell>)[name];
      const at = `${what}, row ${i}, ${name}`;
      if (cell === null) {
        expect(got, at).toBe("");
        continue;
      }
      expect(got, at).not.toBe("");
      if (typeof cell === "number")
        expect(Math.abs(Number(got) - cell), at).toBeLessThanOrEqual(Math.abs(cell) * 1e-12);
      else expect(got, at).toBe(cell);
    }
  });
}
