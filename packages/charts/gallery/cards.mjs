import { readFileSync } from "node:fs";

/** The cards of the sample's dashboard for one airport, made from the sample's files, and some hard cases. */
export function cards(airport) {
  const flights = read("flights.csv").filter((row) => row.origin === airport);
  const strikes = read("wildlife_strikes.csv").filter((row) => row.airport === airport);
  const delay = (rows) => rows.reduce((sum, row) => sum + Number(row.delay_minutes), 0) / rows.length;
  const minutes = { style: "unit", unit: "minute", digits: 1 };
  const dollars = { style: "currency", currency: "USD", digits: 0 };
  const column = (name, label, type, format = {}) => ({ name, label, type, format });
  const result = (columns, rows, truncated = false) => ({
    columns,
    values: columns.map((_, index) => rows.map((row) => row[index])),
    row_count: rows.length,
    truncated,
    duration_ms: 1,
  });
  const february = flights.filter((row) => row.departed_at.slice(5, 7) === "02");
  const january = flights.filter((row) => row.departed_at.slice(5, 7) === "01");
  const late = (rows) => rows.filter((row) => Number(row.delay_minutes) > 15).length / rows.length;
  const number = (title, y, value, previous, better) => ({
    title,
    height: 92,
    chart: { kind: "number", y: [y.name], ...(better ? { better } : {}) },
    result: result([y, { ...y, name: `${y.name}_previous` }], [[value, previous]]),
  });
  const days = group(flights, (row) => row.departed_at.slice(0, 10)).sort();
  const hours = group(flights, (row) => Number(row.departed_at.slice(11, 13))).sort((a, b) => a[0] - b[0]);
  const worst = group(flights, (row) => row.destination)
    .filter(([, rows]) => rows.length >= 5)
    .map(([code, rows]) => [code, delay(rows), String(rows.length)])
    .sort((a, b) => b[1] - a[1])
    .slice(0, 10);
  const species = group(strikes, (row) => row.species)
    .map(([name, rows]) => [
      name,
      rows.length,
      String(rows.reduce((sum, row) => sum + Number(row.cost_usd), 0)),
    ])
    .sort((a, b) => b[1] - a[1])
    .slice(0, 10);
  const latest = [...flights].sort((a, b) => (a.departed_at < b.departed_at ? 1 : -1)).slice(0, 50);
  const average = column("average_delay", "Average delay", "number", minutes);
  const bySpecies = [
    column("species", "Species", "text"),
    column("strikes", "Strikes", "integer"),
    column("cost_usd", "Cost", "decimal", dollars),
  ];
  const hour = column("hour", "Hour of departure", "integer");
  return [
    number("Departures", column("departures", "Departures", "integer"), february.length, january.length),
    number("Average delay", average, delay(february), delay(january), "down"),
    number(
      "Late departures",
      column("late_share", "Late departures", "number", { style: "percent", digits: 1 }),
      late(february),
      null,
      "down",
    ),
    {
      title: "Departures per day",
      wide: true,
      height: 250,
      chart: { kind: "line", x: "day", y: ["departures"] },
      result: result(
        [column("day", "Day", "date"), column("departures", "Departures", "integer")],
        days.map(([day, rows]) => [day, rows.length]),
      ),
    },
    {
      title: "Average delay by hour",
      wide: true,
      height: 250,
      chart: { kind: "bar", x: "hour", y: ["average_delay"] },
      result: result(
        [hour, average],
        hours.map(([name, rows]) => [name, delay(rows)]),
      ),
    },
    {
      title: "Worst destinations",
      wide: true,
      height: 300,
      chart: { kind: "row", x: "destination", y: ["average_delay", "departures"] },
      result: result(
        [
          column("destination", "Destination", "text"),
          average,
          column("departures", "Departures", "integer64"),
        ],
        worst,
      ),
    },
    {
      title: "Distance against delay",
      wide: true,
      height: 300,
      chart: {
        kind: "scatter",
        x: "distance_miles",
        y: ["delay_minutes"],
        label: "destination",
        note: "One dot a departure.",
      },
      result: result(
        [
          column("distance_miles", "Distance", "integer", { style: "unit", unit: "mile", digits: 0 }),
          column("delay_minutes", "Delay", "integer", { ...minutes, digits: 0 }),
          column("destination", "Destination", "text"),
        ],
        flights.map((row) => [Number(row.distance_miles), Number(row.delay_minutes), row.destination]),
      ),
    },
    {
      title: "Wildlife strikes by species",
      wide: true,
      height: 300,
      chart: {
        kind: "row",
        x: "species",
        y: ["strikes", "cost_usd"],
        note: "1990–2002. The filters do not apply.",
      },
      result: result(bySpecies, species),
    },
    {
      title: "Latest departures",
      wide: true,
      height: 300,
      chart: { kind: "table" },
      result: result(
        [
          column("departed_at", "Departed at", "timestamp"),
          column("destination", "Destination", "text"),
          column("delay_minutes", "Delay", "integer", { ...minutes, digits: 0 }),
        ],
        latest.map((row) => [row.departed_at.replace(" ", "T"), row.destination, Number(row.delay_minutes)]),
      ),
    },
    {
      title: "A row chart with negative values",
      height: 220,
      chart: { kind: "row", x: "destination", y: ["average_delay"] },
      result: result(
        [column("destination", "Destination", "text"), average],
        worst
          .map(([code, value], index) => [`${code} with a name that is rather long`, value - 9 - index * 3])
          .slice(0, 7),
      ),
    },
    {
      title: "Two lines with gaps",
      height: 220,
      chart: { kind: "line", x: "day", y: ["early", "late"] },
      result: result(
        [
          column("day", "Day", "date"),
          column("early", "Morning", "integer"),
          column("late", "Evening", "integer"),
        ],
        days
          .filter((_, index) => index < 9 || index > 13)
          .slice(0, 30)
          .map(([day, rows], index) => [
            day,
            index === 20 ? null : rows.length,
            index > 15 && index < 18 ? null : rows.length / 2 - 20,
          ]),
      ),
    },
    {
      title: "Bars over names",
      height: 220,
      chart: { kind: "bar", x: "species", y: ["strikes"] },
      result: result(bySpecies, species.slice(0, 6), true),
    },
    {
      title: "Bars in two series",
      height: 220,
      chart: { kind: "bar", x: "hour", y: ["average_delay", "other"] },
      result: result(
        [hour, average, column("other", "Last year", "number", minutes)],
        hours.slice(6, 14).map(([name, rows]) => [name, delay(rows), delay(rows) - 12]),
      ),
    },
    {
      title: "Nothing",
      height: 220,
      chart: { kind: "bar", x: "species", y: ["strikes"] },
      result: result(bySpecies, []),
    },
    {
      title: "The data",
      height: 220,
      chart: { kind: "row", x: "species", y: ["strikes"] },
      result: result(bySpecies, species),
      showData: true,
    },
  ];
}

function group(rows, key) {
  const groups = new Map();
  for (const row of rows) {
    const name = key(row);
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  return [...groups];
}

function read(name) {
  const [head, ...lines] = readFileSync(new URL(`../../../sample/${name}`, import.meta.url), "utf8")
    .trim()
    .split(/\r?\n/);
  const names = head.split(",");
  return lines.map((line) => {
    const cells = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
      (match) => match[1]?.replaceAll('""', '"') ?? match[2],
    );
    return Object.fromEntries(names.map((name, index) => [name, cells[index]]));
  });
}
