/** A JSON answer. */
export function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/json" },
  });
}

/** A problem document of the server. */
export function problem(status: number, code: string, more: object = {}): Response {
  const body = {
    type: `https://oriel.test/errors/${code}`,
    title: code,
    detail: `It failed with ${code}.`,
    status,
    code,
    request_id: "XK7-4QF",
    ...more,
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/problem+json" },
  });
}

/** Newline-delimited JSON, cut into pieces of `size` bytes wherever they fall. */
export function ndjson(lines: readonly unknown[], size = 7): Response {
  const text = lines.map((line) => JSON.stringify(line) + "\n").join("");
  return pieces(new TextEncoder().encode(text), size);
}

/** The same stream, broken off after `keep` bytes. */
export function cutOff(lines: readonly unknown[], keep: number): Response {
  const text = lines.map((line) => JSON.stringify(line) + "\n").join("");
  return pieces(new TextEncoder().encode(text).slice(0, keep), 7);
}

function pieces(bytes: Uint8Array, size: number): Response {
  let at = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) {
        controller.close();
        return;
      }
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  });
  return new Response(body, {
    headers: { "Content-Type": "application/x-ndjson" },
  });
}

/** Something with the shape of a JWT. */
export function token(name: string): string {
  return `e30.${name}.c2ln`;
}

/** A small result of one text and one integer column. */
export function result(rows: readonly (readonly [string, number])[]) {
  const format = {};
  return {
    columns: [
      { name: "place", label: "Place", type: "text" as const, format },
      { name: "flights", label: "Flights", type: "integer" as const, format },
    ],
    values: [rows.map((row) => row[0]), rows.map((row) => row[1])],
    row_count: rows.length,
    truncated: false,
    duration_ms: 3,
  };
}

/** The first line of a dashboard with two cards and two filters. */
export const sampleDashboard = {
  type: "layout" as const,
  dashboard: {
    id: "operations",
    name: "Operations",
    downloads: ["csv", "xlsx", "json"] as ("csv" | "xlsx" | "json")[],
    parameters: [
      { name: "date", label: "Date", type: "date_range" as const, required: false },
      {
        name: "destination",
        label: "Destination",
        type: "list" as const,
        required: false,
        has_values: true,
      },
    ],
    tabs: [],
  },
  cards: [card("departures", "Departures", 0), card("delays", "Delays", 12)],
};

function card(id: string, title: string, x: number) {
  const chart = { kind: "bar" as const, x: "place", y: ["flights"] };
  return {
    id,
    question: id,
    title,
    chart,
    parameters: { date: "day", destination: "to" },
    x,
    y: 0,
    w: 12,
    h: 6,
  };
}

/** All lines of that dashboard; `flights` is the figure of its first bar. */
export function dashboardLines(flights = 42): unknown[] {
  return [
    sampleDashboard,
    { type: "card", id: "delays", result: result([["ORD", 7]]) },
    { type: "card", id: "departures", result: result([["LAX", flights]]) },
    { type: "end" },
  ];
}
