// @vitest-environment happy-dom
import { act } from "react";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { json, problem } from "@oriel/test-utils";
import { CollectionBrowser } from "./index.js";
import {
  button,
  click,
  exchange,
  one,
  page,
  pass,
  root,
  run,
  show,
  text,
  type,
  world,
} from "./testing/page.js";

const collections = "GET /api/v1/viewable-collections";
const dashboards = "GET /api/v1/dashboards";
const questions = "GET /api/v1/questions";
const flights = { id: "flights", name: "Flights" };
const safety = { id: "safety", name: "Safety" };

const all = {
  [dashboards]: [
    { id: "operations", name: "Operations", description: "Departures and delay", collection: flights },
  ],
  [questions]: [
    { id: "departures", name: "Departures", collection: flights },
    { id: "strikes", name: "Strikes", collection: safety },
  ],
};

/** As the server does: by collection, by search, two at a time. */
function listing(route: keyof typeof all, size = 2) {
  world.answers[route] = ({ url }) => {
    const query = new URL(url).searchParams;
    const search = (query.get("search") ?? "").toLowerCase();
    const fitting = all[route].filter(
      (item) =>
        (!query.has("collection") || item.collection.id === query.get("collection")) &&
        item.name.toLowerCase().includes(search),
    );
    const from = Number(query.get("cursor") ?? 0);
    const next = from + size < fitting.length ? String(from + size) : null;
    return json({ items: fitting.slice(from, from + size), next });
  };
}

const rows = () => [...page.querySelectorAll<HTMLElement>(".oriel-row")];
const names = () => rows().map((row) => row.querySelector(".oriel-row-name")?.textContent);
const asked = (route: string) =>
  world.calls.filter((call) => call.route === route).map((call) => new URL(call.url).search);
const choose = async (value: string) => {
  await act(async () => {
    const field = one<HTMLSelectElement>("select");
    field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  await pass(20);
};

beforeEach(() => {
  world.answers[collections] = () => json({ items: [flights, safety] });
  listing(dashboards);
  listing(questions);
});

describe("CollectionBrowser", () => {
  test("shows what one may view, with one request of each kind and one exchange", async () => {
    await show(<CollectionBrowser />);
    expect(names()).toEqual(["Operations", "Departures", "Strikes"]);
    expect([...page.querySelectorAll("h3")].map((head) => head.textContent)).toEqual([
      "Dashboards",
      "Charts",
    ]);
    expect(rows()[0]?.textContent).toContain("Departures and delay");
    expect(rows()[2]?.textContent).toContain("Safety");
    expect(one("[role=status]").textContent).toBe("1 dashboard, 2 charts");
    const routes = world.calls.map((call) => call.route);
    expect(routes.slice(0, 3)).toEqual(["GET /auth/sso", "GET /sso", exchange]);
    expect(routes.slice(3).sort()).toEqual([dashboards, questions, collections].sort());
    await pass(30 * 60_000);
    expect(asked(dashboards)).toEqual([""]);
    expect(asked(collections)).toEqual([""]);
  });

  test("a search waits for the last letter, and what doesn't fit is gone", async () => {
    await show(<CollectionBrowser />);
    const field = one<HTMLInputElement>("input[type=search]");
    for (const typed of ["s", "st", "str"]) await type(field, typed);
    expect(asked(questions)).toEqual([""]);
    await pass(300);
    expect(asked(questions)).toEqual(["", "?search=str"]);
    expect(names()).toEqual(["Strikes"]);
    await type(field, "nosuch");
    await pass(300);
    expect(one("[role=status]").textContent).toBe("Nothing matches “nosuch”.");
  });

  test("a collection is chosen, and names itself no more on each row", async () => {
    await show(<CollectionBrowser />);
    await choose("safety");
    expect(names()).toEqual(["Strikes"]);
    expect(page.querySelector(".oriel-row-place")).toBeNull();
    expect(asked(questions).at(-1)).toBe("?collection=safety");
    await choose("");
    expect(names()).toHaveLength(3);
  });

  test("pages come when they are asked for, and the focus goes to what came", async () => {
    listing(questions, 1);
    await show(<CollectionBrowser />);
    expect(names()).toEqual(["Operations", "Departures"]);
    expect(one("[role=status]").textContent).toBe("1 dashboard, 1+ charts");
    await click(button("More charts"));
    expect(names()).toEqual(["Operations", "Departures", "Strikes"]);
    expect(document.activeElement).toBe(rows()[2]);
    expect(asked(questions)).toEqual(["", "?cursor=1"]);
    expect(page.textContent).not.toContain("More charts");
  });

  test("what is chosen is shown; the way back has the focus, and gives it back with the list as it was", async () => {
    listing(questions, 1);
    await show(<CollectionBrowser />);
    await click(button("More charts"));
    await click(rows()[0]!);
    expect(one("h2").textContent).toBe("Operations");
    expect(document.activeElement).toBe(button("Back to All collections"));
    expect(one(".oriel-browse").hidden).toBe(true);
    const before = world.calls.length;
    await click(button("Back"));
    expect(page.querySelector("h2")).toBeNull();
    expect(names()).toEqual(["Operations", "Departures", "Strikes"]);
    expect(document.activeElement).toBe(rows()[0]);
    expect(world.calls).toHaveLength(before);
    await click(rows()[1]!);
    expect(one(".oriel-question").textContent).toContain("Departures");
  });

  test("onOpen hands what is chosen to the host, which shows it", async () => {
    const opened = vi.fn();
    await show(<CollectionBrowser onOpen={opened} />);
    await click(rows()[2]!);
    const chosen = { kind: "question", id: "strikes", name: "Strikes", collection: "safety" };
    expect(opened).toHaveBeenCalledExactlyOnceWith(chosen);
    expect(page.querySelector(".oriel-opened")).toBeNull();
  });

  test("with collection the host says which one; without a way to change it, none is offered", async () => {
    const changed = vi.fn();
    await show(<CollectionBrowser collection="safety" onCollectionChange={changed} />);
    expect(names()).toEqual(["Strikes"]);
    await choose("flights");
    expect(changed).toHaveBeenCalledExactlyOnceWith("flights");
    expect(names()).toEqual(["Strikes"]);
    await show(<CollectionBrowser collection="flights" onCollectionChange={changed} />);
    expect(names()).toEqual(["Operations", "Departures"]);
    await show(<CollectionBrowser collection="flights" />);
    expect(page.querySelector("select")).toBeNull();
  });

  test("nothing to view is said calmly", async () => {
    for (const route of [collections, dashboards, questions]) {
      world.answers[route] = () => json({ items: [], next: null });
    }
    await show(<CollectionBrowser />);
    expect(one("[role=status]").textContent).toBe("There is nothing here that you may view yet.");
    expect(page.querySelector("[role=alert]")).toBeNull();
    expect(page.querySelector("select")).toBeNull();
  });

  test("a collection that one may not view is told once, with a way on", async () => {
    const failed = vi.fn();
    const listed = world.answers[dashboards]!;
    const refuse = () => problem(404, "not_found");
    world.answers[dashboards] = world.answers[questions] = refuse;
    await show(<CollectionBrowser defaultCollection="secret" onError={failed} />);
    expect(page.querySelectorAll("[role=alert]")).toHaveLength(1);
    expect(text()).toContain("This list can’t be shown");
    expect(failed).toHaveBeenCalledOnce();
    expect(asked(dashboards)).toHaveLength(1);
    world.answers[dashboards] = listed;
    listing(questions);
    await choose("flights");
    expect(page.querySelector("[role=alert]")).toBeNull();
    expect(names()).toEqual(["Operations", "Departures"]);
  });

  test("a failure is tried again by hand, and no storm follows it", async () => {
    world.answers[questions] = () => problem(503, "source_unavailable");
    await show(<CollectionBrowser />);
    expect(page.querySelectorAll("[role=alert]")).toHaveLength(1);
    await pass(5 * 60_000);
    expect(asked(questions)).toHaveLength(1);
    listing(questions);
    await click(button("Try again"));
    expect(names()).toEqual(["Operations", "Departures", "Strikes"]);
  });

  test("an answer of another shape is VERSION, not a crash", async () => {
    world.answers[questions] = () => json({ items: [{ id: 7, name: "x" }], next: null });
    await show(<CollectionBrowser />);
    expect(text()).toContain("VERSION");
  });

  test("a further page that is gone begins anew", async () => {
    listing(questions, 1);
    await show(<CollectionBrowser />);
    const listed = world.answers[questions]!;
    world.answers[questions] = (call) =>
      call.url.includes("cursor") ? problem(400, "invalid_request") : listed(call);
    await click(button("More charts"));
    expect(page.querySelectorAll("[role=alert]")).toHaveLength(1);
    expect(names()).toEqual(["Operations", "Departures"]);
    await click(button("Try again"));
    expect(page.querySelector("[role=alert]")).toBeNull();
    expect(names()).toEqual(["Operations", "Departures"]);
  });

  test("signed out at the host: a calm state and a way back", async () => {
    const answer = world.answers["GET /sso"]!;
    world.answers["GET /sso"] = () => json({}, 401);
    await show(<CollectionBrowser />);
    expect(text()).toContain("You are signed out");
    await pass(60 * 60_000);
    expect(world.count("GET /sso")).toBe(1);
    world.answers["GET /sso"] = answer;
    await click(button("Try again"));
    expect(names()).toHaveLength(3);
  });

  test("another person finds neither list, search nor open dashboard of the former one", async () => {
    await show(<CollectionBrowser />);
    await type(one<HTMLInputElement>("input[type=search]"), "oper");
    await pass(300);
    await click(rows()[0]!);
    expect(one("h2").textContent).toBe("Operations");
    const seen: string[] = [];
    world.user = "usr_2";
    world.answers[collections] = () => json({ items: [safety] });
    for (const route of [dashboards, questions] as const) {
      world.answers[route] = () =>
        new Promise((resolve) => setTimeout(() => resolve(json({ items: [], next: null })), 5000));
    }
    const watch = new MutationObserver(() => {
      if (world.sessions.size > 1) seen.push(text());
    });
    watch.observe(page, { childList: true, subtree: true, characterData: true });
    const runs = world.count(run);
    await pass(9 * 60_000);
    await pass(10_000); // the lists of a renewal in the last moment
    watch.disconnect();
    expect(world.sessions.size).toBe(2);
    expect(seen.length).toBeGreaterThan(0);
    for (const state of seen) expect(state).not.toMatch(/Operations|Departures|Flights/);
    expect(one<HTMLInputElement>("input[type=search]").value).toBe("");
    expect(text()).toContain("There is nothing here that you may view yet.");
    // What stood there follows the new session once, and is gone before an answer comes.
    expect(world.count(run)).toBeLessThanOrEqual(runs + 1);
  });

  test("a renewal keeps list, search and what is open", async () => {
    await show(<CollectionBrowser />);
    await type(one<HTMLInputElement>("input[type=search]"), "oper");
    await pass(300);
    await click(rows()[0]!);
    await pass(30 * 60_000);
    expect(world.count(exchange)).toBeGreaterThan(3);
    expect(one("h2").textContent).toBe("Operations");
    await click(button("Back"));
    expect(names()).toEqual(["Operations"]);
  });

  test("leaving the page stops everything", async () => {
    await show(<CollectionBrowser />);
    await act(async () => root.render(null));
    const before = world.calls.length;
    await pass(60 * 60_000);
    expect(world.calls.filter((call) => call.method === "GET")).toHaveLength(before - 1);
  });
});
