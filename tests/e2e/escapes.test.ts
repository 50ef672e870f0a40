// Texts that an analyst might save in order to reach other customers' rows:
// loaded by `oriel apply`, each is refused, or answers with own rows only.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { rows, runQuestion, session } from "./api.js";
import { expectedNumbers, expectedTables } from "./expected.mjs";
import { root, startStack, type Stack } from "./stack.js";

interface Escape {
  name: string;
  sql: string;
  outcome: string;
  /** "outside" when it was tried without knowledge of the code. */
  source: string | undefined;
}

const escapes = marked(readFileSync(join(root, "tests/vectors/sql/duckdb.yaml"), "utf8"));
const refused = escapes.filter((escape) => escape.outcome === "refused");
const narrowed = escapes.filter((escape) => escape.outcome === "narrowed");
const tokens: Record<string, string> = {};
let stack: Stack;
let dir: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "oriel-escapes-"));
  stack = await startStack({ apron: false });
  for (const airport of ["DFW", "ORD"]) {
    tokens[airport] = await session(stack, { airport, sub: airport, email: `${airport}@x.example` });
  }
});
afterAll(async () => {
  await stack?.stop();
  rmSync(dir, { recursive: true, force: true });
});

it("there are twenty of them", () => {
  expect(escapes.length).toBeGreaterThanOrEqual(20);
  expect(escapes.length).toBe(refused.length + narrowed.length);
  expect(escapes.filter((escape) => escape.source === "outside").length).toBeGreaterThanOrEqual(10);
});

it.each(refused)("refused: $name", async ({ sql }) => {
  const applied = apply("escape", sql);
  expect(applied.status).not.toBe(0);
  expect(applied.stderr.trim().split("\n")).toHaveLength(1);
  expect(applied.stderr).toContain("escape");
  const answer = await runQuestion(stack, "escape", tokens.DFW ?? "");
  expect([answer.status, answer.code]).toEqual([404, "not_found"]);
});

/** What an airport must get; nothing but own rows went into it. */
const answers: Record<string, (airport: string) => Record<string, unknown>[]> = {
  "other airports asked for": (airport) => own(airport),
  exists: () => [{ x: false }],
  "failing cast of what is hidden": () => [{ "count_star()": 0 }],
};

it.each(narrowed)("own rows only: $name", async ({ name, sql }) => {
  const key = `narrowed-${name.replaceAll(" ", "-")}`;
  expect(apply(key, sql)).toMatchObject({ status: 0 });
  await served(key);
  for (const airport of ["DFW", "ORD"]) {
    const answer = await runQuestion(stack, key, tokens[airport] ?? "");
    expect([answer.status, answer.code]).toEqual([200, undefined]);
    const wanted = answers[name]?.(airport);
    if (!wanted) throw new Error(`say what "${name}" gives`);
    const got = rows(answer.body.result);
    const text = (list: Record<string, unknown>[]) =>
      list.map((row) => Object.values(row).map(plain).sort().join(" ")).sort();
    expect(text(got)).toEqual(text(wanted));
  }
});

it("the refused ones changed nothing for those who look at the dashboard", async () => {
  const answer = await runQuestion(stack, "departures", tokens.DFW ?? "");
  expect(rows(answer.body.result)[0]?.departures).toBe(expectedNumbers("DFW").departures?.value);
});

function apply(key: string, sql: string) {
  const file = join(dir, `${key}.json`); // JSON is YAML
  const question = {
    name: key,
    collection: "airport-operations",
    source: "airports",
    sql,
    chart: { kind: "table" },
  };
  writeFileSync(file, JSON.stringify({ version: 1, questions: { [key]: question } }));
  return stack.command("apply", join(root, "sample/apron.yaml"), file);
}

/** A running server heeds what was applied within 1 s. */
async function served(key: string): Promise<void> {
  await expect
    .poll(async () => (await runQuestion(stack, key, tokens.DFW ?? "")).status, {
      timeout: 1500,
      interval: 50,
    })
    .toBe(200);
}

function own(airport: string): Record<string, unknown>[] {
  const scatter = expectedTables(airport)["distance-against-delay"]?.rows ?? [];
  const times = departedAt(airport);
  return scatter.map((row, i) => ({ ...row, origin: airport, departed_at: times[i] }));
}

/** In the file's order, as the rows of the scatter are. */
function departedAt(airport: string): string[] {
  const lines = readFileSync(join(root, "sample/flights.csv"), "utf8").trimEnd().split("\n");
  return lines.flatMap((line) => {
    const [time = "", origin] = line.split(",");
    return origin === airport ? [time] : [];
  });
}

function plain(value: unknown): string {
  return String(value).replace(/^(\d{4}-\d\d-\d\d)T/, "$1 ");
}

// Each case stands on one line, its text in double quotes as JSON has them.
function marked(vectors: string): Escape[] {
  return vectors.split("\n").flatMap((line) => {
    if (!/\bapply: true\b/.test(line)) return [];
    const name = /name: ([^,]+),/.exec(line)?.[1];
    const sql = /sql: ("(?:[^"\\]|\\.)*")/.exec(line)?.[1];
    const outcome = /outcome: (\w+)/.exec(line)?.[1];
    const source = /\bsource: (\w+)/.exec(line)?.[1];
    if (!name || !sql || !outcome) throw new Error(`a case can't be read: ${line}`);
    return [{ name, sql: JSON.parse(sql) as string, outcome, source }];
  });
}
