// What the dashboard must show, computed from the CSV files with loops: no SQL
// and none of Oriel's code. `node tests/e2e/expected.mjs DFW` prints it.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * @typedef {{ from: string, to: string }} DateRange both inclusive, 2001-02-28
 * @typedef {{ date?: DateRange, destination?: string[] }} Filters
 * @typedef {Record<string, string | number | null>} Row
 * @typedef {{ columns: string[], ordered: boolean, rows: Row[] }} Table
 */

const day = 24 * 60 * 60 * 1000;

function read(file) {
  const path = fileURLToPath(new URL(`../../sample/${file}`, import.meta.url));
  const [head, ...lines] = readFileSync(path, "utf8").trimEnd().split(/\r?\n/).map(fields);
  return lines.map((line) => Object.fromEntries(head.map((name, i) => [name, line[i]])));
}

// One line of a CSV file (RFC 4180 §2; the files have no line breaks in values).
function fields(line) {
  const found = [];
  let value = "";
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const c = line[i];
    if (quoted && c === '"' && line[i + 1] === '"') {
      value += '"';
      i++;
    } else if (c === '"') quoted = !quoted;
    else if (c === "," && !quoted) {
      found.push(value);
      value = "";
    } else value += c;
  }
  found.push(value);
  return found;
}

const flights = read("flights.csv").map((f) => ({
  ...f,
  day: f.departed_at.slice(0, 10),
  hour: Number(f.departed_at.slice(11, 13)),
  distance: Number(f.distance_miles),
  delay: Number(f.delay_minutes),
}));
const strikes = read("wildlife_strikes.csv");
const airports = read("airports.csv");
const cities = new Map(airports.map((a) => [a.iata, a.city]));
const places = new Map(airports.map((a) => [a.iata, `${a.city}, ${a.state}`]));

const mean = (list) => (list.length ? list.reduce((sum, n) => sum + n, 0) / list.length : null);
const bytes = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

function groups(list, key) {
  const found = new Map();
  for (const each of list) {
    const k = key(each);
    if (!found.has(k)) found.set(k, []);
    found.get(k).push(each);
  }
  return found;
}

/** @type {(range: DateRange) => DateRange} */
function preceding({ from, to }) {
  const start = Date.parse(from);
  const length = Date.parse(to) - start + day;
  const text = (time) => new Date(time).toISOString().slice(0, 10);
  return { from: text(start - length), to: text(start - day) };
}

const figures = {
  departures: (list) => list.length,
  "average-delay": (list) => mean(list.map((f) => f.delay)),
  "late-departures": (list) => (list.length ? list.filter((f) => f.delay > 15).length / list.length : null),
};

/**
 * The figures of the three number cards, with those of the preceding period
 * (null: no comparison).
 * @param {string} airport
 * @param {Filters} [filters]
 */
export function expectedNumbers(airport, filters = {}) {
  const own = flights.filter((f) => f.origin === airport);
  const begins = own.map((f) => f.day).sort()[0] ?? "";
  const before = filters.date && preceding(filters.date);
  const comparable = before && before.from >= begins;
  return Object.fromEntries(
    Object.entries(figures).map(([card, figure]) => [
      card,
      {
        value: figure(kept(own, filters)),
        previous: comparable ? figure(kept(own, { ...filters, date: before })) : null,
      },
    ]),
  );
}

function kept(list, { date, destination }) {
  return list.filter(
    (f) =>
      (!date || (f.day >= date.from && f.day <= date.to)) &&
      (!destination?.length || destination.includes(f.destination)),
  );
}

/**
 * The rows of every other card, by its key.
 * @param {string} airport
 * @param {Filters} [filters]
 * @returns {Record<string, Table>}
 */
export function expectedTables(airport, filters = {}) {
  const list = kept(
    flights.filter((f) => f.origin === airport),
    filters,
  );
  const struck = strikes.filter((s) => s.airport === airport);
  return {
    "departures-per-day": {
      columns: ["day", "departures"],
      ordered: true,
      rows: [...groups(list, (f) => f.day)]
        .map(([date, of]) => ({ day: date, departures: of.length }))
        .sort((a, b) => bytes(a.day, b.day)),
    },
    "average-delay-by-hour": {
      columns: ["hour", "average_delay"],
      ordered: true,
      rows: [...groups(list, (f) => f.hour)]
        .map(([hour, of]) => ({ hour, average_delay: mean(of.map((f) => f.delay)) }))
        .sort((a, b) => a.hour - b.hour),
    },
    "worst-destinations": {
      columns: ["destination", "average_delay", "departures"],
      ordered: true,
      rows: [...groups(list, (f) => places.get(f.destination))]
        .filter(([, of]) => of.length >= 5)
        .map(([destination, of]) => ({
          destination,
          average_delay: mean(of.map((f) => f.delay)),
          departures: of.length,
        }))
        .sort((a, b) => b.average_delay - a.average_delay || bytes(a.destination, b.destination))
        .slice(0, 10),
    },
    "distance-against-delay": {
      columns: ["distance_miles", "delay_minutes", "destination"],
      ordered: false,
      rows: list.map((f) => ({
        distance_miles: f.distance,
        delay_minutes: f.delay,
        destination: f.destination,
      })),
    },
    "strikes-by-species": {
      columns: ["species", "strikes", "cost_usd"],
      ordered: true,
      rows: [...groups(struck, (s) => s.species)]
        .map(([species, of]) => ({
          species,
          strikes: of.length,
          cost_usd: of.reduce((sum, s) => sum + Number(s.cost_usd), 0),
        }))
        .sort((a, b) => b.strikes - a.strikes || bytes(a.species, b.species))
        .slice(0, 10),
    },
    "latest-departures": {
      columns: ["departed_at", "destination", "destination.city", "delay_minutes"],
      ordered: true,
      rows: list
        .map((f) => ({
          departed_at: f.departed_at,
          destination: f.destination,
          "destination.city": cities.get(f.destination) ?? null,
          delay_minutes: f.delay,
        }))
        .sort(
          (a, b) =>
            bytes(b.departed_at, a.departed_at) ||
            bytes(a.destination, b.destination) ||
            a.delay_minutes - b.delay_minutes,
        )
        .slice(0, 50),
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [airport = "DFW", from, to] = process.argv.slice(2);
  const filters = from && to ? { date: { from, to } } : {};
  const shown = { numbers: expectedNumbers(airport, filters), tables: expectedTables(airport, filters) };
  console.log(JSON.stringify(shown, null, 2));
}
