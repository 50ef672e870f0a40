// A host that a test plays: its page (host/) and the endpoint that vouches for people.
import { createReadStream, existsSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";
import react from "@vitejs/plugin-react";
import { build } from "vite";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { openBrowser } from "./browser.js";
import { hostToken, type Claims } from "./hosttoken.js";
import { root, startStack, type Stack } from "./stack.js";

/** What the endpoint says: JSON, unless it has another type; late when it is told to wait. */
export interface HostAnswer {
  status?: number;
  body?: unknown;
  type?: string;
  /** Milliseconds. */
  wait?: number;
}

/** Who somebody is, by the name that the page's address gives. */
const people: Record<string, Claims> = {
  ann: { sub: "prs_ann", email: "ann@dfw.example", first_name: "Ann", last_name: "Arden", airport: "DFW" },
  bob: { sub: "prs_bob", email: "bob@ord.example", first_name: "Bob", last_name: "Bell", airport: "ORD" },
};

export interface Host {
  url: string;
  /** The people for whom a token was asked, in order. */
  asked: string[];
  /** What is answered; the default vouches for whoever is asked for. */
  answer: (as: string) => HostAnswer;
  /** A token for somebody. */
  token: (as: string, more?: Claims) => string;
  /** The address of a scene of the page. */
  scene: (scene: string, more?: Record<string, string>) => string;
  stop: () => Promise<void>;
}

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
};

/** Builds the page, with the React that is named, and serves it where the stack expects its host. */
export async function startHost(stack: Stack, reactVersion: 18 | 19 = 19, url = stack.apron): Promise<Host> {
  const folder = join(root, ".build", `host-${String(reactVersion)}`);
  await buildPage(folder, reactVersion);
  const host: Host = {
    url,
    asked: [],
    answer: (as) => ({ body: { jwt: host.token(as) } }),
    token: (as, more = {}) => hostToken(stack, { ...people[as], ...more }),
    scene: (scene, more = {}) =>
      `${url}/?${new URLSearchParams({ scene, server: stack.oriel, ...more }).toString()}`,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", url);
    if (pathname === "/sso") {
      const as = searchParams.get("as") ?? "";
      host.asked.push(as);
      say(response, host.answer(as));
      return;
    }
    const file = join(folder, normalize(pathname === "/" ? "/index.html" : pathname));
    if (!file.startsWith(folder) || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "Content-Type": types[extname(file)] ?? "application/octet-stream" });
    createReadStream(file).pipe(response);
  });
  server.keepAliveTimeout = 1;
  await new Promise<void>((done) => server.listen(Number(new URL(url).port), "127.0.0.1", () => done()));
  return host;
}

function say(response: ServerResponse, answer: HostAnswer): void {
  const type = answer.type ?? "application/json";
  const body = type === "application/json" ? JSON.stringify(answer.body ?? null) : String(answer.body);
  setTimeout(() => {
    response.writeHead(answer.status ?? 200, { "Content-Type": type, "Cache-Control": "no-store" }).end(body);
  }, answer.wait ?? 0);
}

const built = new Map<string, Promise<unknown>>();

function buildPage(folder: string, version: 18 | 19): Promise<unknown> {
  const from = (name: string) => join(root, "tests/react-18/node_modules", name);
  const made =
    built.get(folder) ??
    build({
      root: join(root, "tests/e2e/host"),
      configFile: false,
      logLevel: "error",
      plugins: [react()],
      resolve: { alias: version === 18 ? { react: from("react"), "react-dom": from("react-dom") } : {} },
      build: { outDir: folder, emptyOutDir: true, target: "es2022" },
    });
  built.set(folder, made);
  return made;
}

/** What a file of tests stands on; there once its first test begins. */
export interface Given {
  stack: Stack;
  browser: Browser;
}

/** An Oriel of the file's own, whose host the tests play, and a browser. */
export function playHosts(env: Record<string, string> = {}): Given {
  const given = {} as Given;
  beforeAll(async () => {
    [given.stack, given.browser] = await Promise.all([startStack({ apron: false, env }), openBrowser()]);
  });
  afterAll(async () => {
    await given.browser?.close();
    await given.stack?.stop();
  });
  return given;
}

/** The host of a file's tests, or of a part of them. */
export function playHost(given: Given, version: 18 | 19 = 19): { host: Host } {
  const played = {} as { host: Host };
  beforeAll(async () => {
    played.host = await startHost(given.stack, version);
  });
  afterAll(() => played.host?.stop());
  return played;
}

/** Waits until every card shows its chart, in whichever root it is, and none an older filter's. */
export async function shown(page: Page, within = ""): Promise<void> {
  const cards = page.locator(`${within} section.oriel-card`);
  await cards.first().waitFor({ state: "attached" });
  const drawn = cards.filter({ has: page.locator("table[data-oriel-twin], .oriel-view table") });
  const waiting = page.locator('[data-stale="true"], .oriel [aria-busy="true"], .oriel[aria-busy="true"]');
  for (const end = Date.now() + 20_000; ; await new Promise((done) => setTimeout(done, 20))) {
    const [all, done, busy] = [await cards.count(), await drawn.count(), await waiting.count()];
    if (all > 0 && all === done && busy === 0) return;
    if (Date.now() > end)
      throw new Error(`${done} of ${all} cards show a chart, ${busy} parts of the page wait`);
  }
}

/** The figure of the card Departures. */
export function departures(page: Page, within = ""): Promise<string | null> {
  return page
    .locator(`${within} section.oriel-card`)
    .filter({ has: page.getByRole("heading", { name: "Departures", exact: true }) })
    .first()
    .locator("table[data-oriel-twin] td")
    .first()
    .textContent();
}

/** What a page asks Oriel and its host, as METHOD path, until the test ends. */
export function listen(page: Page, stack: Stack): string[] {
  const seen: string[] = [];
  page.on("request", (request) => {
    const { origin, pathname } = new URL(request.url());
    if (origin === stack.oriel || pathname === "/sso") seen.push(`${request.method()} ${pathname}`);
  });
  return seen;
}

/** How many of the requests are of this kind. */
export function count(seen: readonly string[], what: string): number {
  return seen.filter((one) => one === what).length;
}

export const exchange = "POST /api/v1/session";
export const run = "POST /api/v1/dashboards/airport-operations/run";

/** Waits until the page says this status. */
export async function status(page: Page, wanted: string, name = "status"): Promise<void> {
  await page.locator(`#${name}[data-status="${wanted}"]`).waitFor();
}
