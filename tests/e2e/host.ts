// A host that a test plays: its page (host/) and the endpoint that vouches for people.
import { createReadStream, existsSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";
import react from "@vitejs/plugin-react";
import { build } from "vite";
import type { Page } from "playwright-core";
import { hostToken, type Claims } from "./hosttoken.js";
import { root, type Stack } from "./stack.js";

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
