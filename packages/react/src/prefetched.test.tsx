// @vitest-environment happy-dom
import { act, StrictMode } from "react";
import { hydrateRoot, type Root } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createServerClient } from "@oriel/core/server";
import { OrielProvider, Prefetched, StaticDashboard, StaticQuestion } from "./index.js";
import { config, dates, exchange, one, page, pass, run, show, type, world } from "./testing/page.js";

const question = "POST /api/v1/questions/departures/run";
const filters = { destination: ["LAX"] };
const runs = () => world.count(run) + world.count(question);

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** What the host's server fetched for the page. */
async function fetched() {
  vi.stubGlobal("window", undefined);
  const oriel = createServerClient({ server: world.server, session: "ors_backend", fetch: world.fetch });
  void oriel.prefetchQuestion("departures");
  void oriel.prefetchDashboard("operations", { parameters: filters });
  const state = await oriel.dehydrate();
  vi.unstubAllGlobals();
  world.calls.length = 0;
  return state;
}

const Content = ({ state }: { state: string | undefined }) => (
  <StrictMode>
    <OrielProvider auth={config()}>
      <Prefetched state={state}>
        <StaticQuestion id="departures" />
        <StaticDashboard id="operations" defaultParams={filters} />
      </Prefetched>
    </OrielProvider>
  </StrictMode>
);

async function takeOver(state: string | undefined, html: string) {
  const place = document.createElement("div");
  place.append(document.createRange().createContextualFragment(html));
  page.append(place);
  let taken: Root | undefined;
  await act(async () => {
    taken = hydrateRoot(place, <Content state={state} />);
  });
  return async () => {
    await act(async () => taken?.unmount());
  };
}

describe("Prefetched", () => {
  test("the server's page has names and frames, and asks nothing", async () => {
    const html = renderToString(<Content state={await fetched()} />);
    expect(html).toContain("Operations");
    expect(html).toContain("Departures");
    expect(html).not.toContain('class="oriel-skeleton"');
    expect(html).not.toContain("ors_");
    expect(world.calls).toEqual([]);
  });

  test("it is taken over as it stands, drawn at once, and never fetched again", async () => {
    const complaints = vi.spyOn(console, "error");
    const state = await fetched();
    let answer: (response: Response) => void = () => undefined;
    world.answers[exchange] = () =>
      new Promise<Response>((resolve) => {
        answer = resolve;
      });
    const leave = await takeOver(state, renderToString(<Content state={state} />));
    // The sign-in isn't done yet.
    expect(page.querySelectorAll("table")).toHaveLength(3);
    expect(one("table").textContent).toContain("42");
    await pass(20);
    answer(world.session());
    await pass(60_000);
    expect(page.querySelectorAll("table")).toHaveLength(3);
    expect(world.count(exchange)).toBe(1);
    expect(runs()).toBe(0);
    expect(complaints).not.toHaveBeenCalled();
    await leave();
  });

  test("what somebody types before the sign-in is done stays", async () => {
    const state = await fetched();
    let answer: (response: Response) => void = () => undefined;
    world.answers[exchange] = () =>
      new Promise<Response>((resolve) => {
        answer = resolve;
      });
    const leave = await takeOver(state, renderToString(<Content state={state} />));
    await type(dates()[0]!, "2001-01-05");
    answer(world.session());
    await pass(1000);
    expect(dates()[0]?.value).toBe("2001-01-05");
    await type(dates()[1]!, "2001-01-31");
    expect(world.count(run)).toBe(1);
    await leave();
  });

  test("another person sees it no longer than the sign-in takes", async () => {
    const state = await fetched();
    world.user = "usr_2";
    world.answers[question] = world.answers[run] = () => new Promise<Response>(() => undefined);
    const leave = await takeOver(state, renderToString(<Content state={state} />));
    await pass(1000);
    expect(page.querySelectorAll("table")).toHaveLength(0);
    expect(runs()).toBe(2);
    await leave();
  });

  test("without a state the page asks for itself", async () => {
    await show(
      <Prefetched state={undefined}>
        <StaticQuestion id="departures" />
      </Prefetched>,
    );
    expect(one("table").textContent).toContain("42");
    expect(world.count(question)).toBe(1);
  });
});
