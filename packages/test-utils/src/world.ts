import type { Environment } from "@oriel/core";
import { FakeWindows } from "./windows.js";
import { dashboardLines, json, ndjson, result, token } from "./answers.js";

/** One request that the SDK made. */
export interface Call {
  method: string;
  url: string;
  /** `METHOD /path` without the query. */
  route: string;
  authorization: string | null;
  credentials: RequestCredentials | undefined;
  contentType: string | null;
  body: unknown;
  signal: AbortSignal | undefined;
}

type Answer = (call: Call) => Response | Promise<Response>;

/**
 * A host and an Oriel that answer as the contract says, until a test gives one
 * of their answers another form: `world.answers["GET /sso"] = () => json({}, 401)`.
 */
export class FakeWorld {
  readonly server = "https://oriel.test";
  readonly host = "https://host.test/sso";
  readonly calls: Call[] = [];
  readonly windows = new FakeWindows(this.server);
  /** Seconds that a session lives. */
  lifetime = 600;
  /** For how many seconds a session is renewed with itself; 0: it is not. */
  renewableFor = 0;
  /** How far the server's clock is from the local one, in milliseconds. */
  skew = 0;
  user = "usr_1";
  /** Of which kind the session is that GET /api/v1/session tells of. */
  kind = "backend";
  isOnline = true;
  /** Sessions that the server takes. */
  readonly sessions = new Set<string>();
  readonly #wakers = new Set<(sign: "visible" | "online") => void>();
  #count = 0;

  readonly answers: Record<string, Answer> = {
    "GET /auth/sso": () => json({ method: "jwt", url: this.host }),
    "GET /sso": () => json({ jwt: token(`t${String(++this.#count)}`) }),
    "POST /api/v1/session": () => this.session(),
    "GET /api/v1/session": () => {
      const now = Math.floor((Date.now() + this.skew) / 1000);
      const expires_in = this.lifetime;
      const { kind } = this;
      return json({ kind, expires_in, expires_at: now + expires_in, server_time: now, user: this.person() });
    },
    "POST /auth/sso/to_session": () => json({ session_token: "ors_backend", expires_in: this.lifetime }),
    "DELETE /api/v1/session": () => new Response(null, { status: 204 }),
    "POST /api/v1/questions/departures/run": () =>
      json({
        question: {
          id: "departures",
          name: "Departures",
          chart: { kind: "bar", x: "place", y: ["flights"] },
          parameters: [],
          downloads: ["csv", "xlsx", "json"],
        },
        result: result([["LAX", 42]]),
      }),
    "POST /api/v1/questions/departures/download": () =>
      new Response('place,flights\r\n"LAX",42\r\n', {
        headers: { "Content-Type": "text/csv; charset=utf-8" },
      }),
    "POST /api/v1/dashboards/operations/run": () => ndjson(dashboardLines()),
    "GET /api/v1/dashboards/operations/parameters/destination/values": () =>
      json({
        items: ["ATL", "LAX", "SFO"].map((value) => ({ value, label: value })),
        next: null,
      }),
  };

  /** Oriel offers SAML, by an identity provider in another window. */
  offerSAML(): void {
    const url = `${this.server}/auth/saml/corp/start`;
    this.answers["GET /auth/sso"] = () => json({ method: "saml", url });
  }

  /** A fresh session, by the server's clock. */
  session(): Response {
    const now = Math.floor((Date.now() + this.skew) / 1000);
    const name = `ors_${String(this.sessions.size + 1)}`;
    this.sessions.add(name);
    return json({
      token: name,
      token_type: "Bearer",
      expires_in: this.lifetime,
      expires_at: now + this.lifetime,
      server_time: now,
      ...(this.renewableFor > 0 ? { renewable_until: now + this.renewableFor } : {}),
      user: this.person(),
      settings: {
        site_name: "Oriel",
        site_url: this.server,
        version: "0.1.0",
        formats: {},
      },
    });
  }

  /** The person whom sessions are for. */
  person() {
    return {
      id: this.user,
      email: "kim@example.test",
      name: "Kim",
      tenant: null,
      groups: ["operators"],
      attributes: { airport: "DFW" },
      locale: null,
    };
  }

  readonly fetch: typeof fetch = async (input, init = {}) => {
    const request = input instanceof Request ? input.url : String(input);
    const url = new URL(request);
    const headers = new Headers(init.headers);
    const method = init.method ?? "GET";
    const call: Call = {
      method,
      url: url.href,
      route: `${method} ${url.pathname}`,
      authorization: headers.get("Authorization"),
      credentials: init.credentials,
      contentType: headers.get("Content-Type"),
      body: typeof init.body === "string" ? JSON.parse(init.body) : undefined,
      signal: init.signal ?? undefined,
    };
    this.calls.push(call);
    init.signal?.throwIfAborted();
    const answer = this.answers[call.route];
    if (!answer) throw new TypeError(`nothing listens at ${call.route}`);
    const response = await answer(call);
    init.signal?.throwIfAborted();
    return response;
  };

  /** How often a route was called. */
  count(route: string): number {
    return this.calls.filter((call) => call.route === route).length;
  }

  /** The page wakes, or the network returns. */
  wake(sign: "visible" | "online"): void {
    for (const waker of [...this.#wakers]) waker(sign);
  }

  /** What `createClient` takes as its second argument. */
  environment(): Partial<Environment> {
    return {
      fetch: this.fetch,
      random: () => 0.5,
      online: () => this.isOnline,
      popups: this.windows,
      onWake: (listener) => {
        this.#wakers.add(listener);
        return () => this.#wakers.delete(listener);
      },
    };
  }
}
