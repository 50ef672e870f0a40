// What a customer's user can try with the browser's own tools, or with curl.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, exchange, rows, runDashboard, runQuestion, session } from "./api.js";
import { expectedTables } from "./expected.mjs";
import { foreignKey, forgedToken, hostToken } from "./hosttoken.js";
import { root, startStack, type Stack } from "./stack.js";

const other = "http://127.0.0.1:9"; // an origin that is on the list, and is not Apron's
const dots = "distance-against-delay";
let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ apron: false, declarations: ["tests/e2e/declarations/second-origin.yaml"] });
});
afterAll(() => stack?.stop());

/** Every dot of an airport as text, to tell whose rows an answer holds. */
function departures(airport: string, filters = {}): Set<string> {
  const all = expectedTables(airport, filters)[dots]?.rows ?? [];
  return new Set(all.map((row) => `${row.distance_miles} ${row.delay_minutes} ${row.destination}`));
}

function served(result: any): string[] {
  return rows(result).map((row) => `${row.distance_miles} ${row.delay_minutes} ${row.destination}`);
}

describe("host tokens", () => {
  it("an own token is accepted", async () => {
    const answer = await exchange(stack, hostToken(stack));
    expect(answer.status).toBe(200);
    expect(answer.body.user.attributes).toEqual({ airport: "DFW" });
    expect(answer.headers.get("access-control-allow-origin")).toBe(stack.apron);
    expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  it("a replayed one is refused", async () => {
    const token = hostToken(stack);
    expect((await exchange(stack, token)).status).toBe(200);
    const again = await exchange(stack, token);
    expect([again.status, again.code]).toEqual([401, "token_replayed"]);
    expect((await exchange(stack, token, { type: "text/plain" })).code).toBe("token_replayed");
  });

  it("one with another airport, signed by another key, is refused", async () => {
    const answer = await exchange(stack, hostToken(stack, { airport: "ORD" }, foreignKey()));
    expect([answer.status, answer.code]).toEqual([401, "token_signature"]);
  });

  it("one whose claims were changed after signing is refused", async () => {
    const [head, , signature] = hostToken(stack).split(".");
    const claims = Buffer.from(JSON.stringify({ ...decoded(hostToken(stack)), airport: "ORD" }));
    const answer = await exchange(stack, `${head}.${claims.toString("base64url")}.${signature}`);
    expect([answer.status, answer.code]).toEqual([401, "token_signature"]);
  });

  it.each(["none", "HS256"] as const)("one with alg %s is refused", async (alg) => {
    const answer = await exchange(stack, forgedToken(stack, alg, { airport: "ORD" }));
    expect([answer.status, answer.code]).toEqual([401, "algorithm_not_allowed"]);
  });

  it.each([
    ["expired", { iat: seconds(-600), exp: seconds(-540) }, "token_expired"],
    ["valid for an hour", { exp: seconds(3600) }, "token_lifetime"],
    ["of tomorrow", { iat: seconds(86_400), exp: seconds(86_460) }, "token_not_yet_valid"],
    ["for another site", { aud: "https://elsewhere.example" }, "audience_mismatch"],
    ["of another issuer", { iss: "https://elsewhere.example" }, "issuer_mismatch"],
    ["without jti", { jti: undefined }, "claim_missing"],
    ["without sub", { sub: undefined }, "claim_missing"],
  ])("one %s is refused", async (_, claims, code) => {
    const answer = await exchange(stack, hostToken(stack, claims));
    expect([answer.status, answer.code]).toEqual([401, code]);
  });

  it.each([
    ["empty", ""],
    ["of two parts", "a.b"],
    ["with a line break", "line"],
    ["of 9 KiB", "long"],
  ])("text that is no token is refused: %s", async (_, text) => {
    const token =
      text === "line"
        ? hostToken(stack).replace(".", ".\n")
        : text === "long"
          ? hostToken(stack, { pad: "x".repeat(9000) })
          : text;
    const answer = await exchange(stack, token);
    expect(["token_malformed", "invalid_request"]).toContain(answer.code);
    expect(answer.status).toBeLessThan(402);
  });

  it("an origin that is not on the list is told so, and gets no data", async () => {
    for (const origin of ["https://evil.example", "null", `${stack.apron}.evil.example`, stack.backend]) {
      const answer = await exchange(stack, hostToken(stack), { origin });
      expect([origin, answer.status, answer.code]).toEqual([origin, 403, "origin_not_allowed"]);
      expect(answer.headers.get("access-control-allow-origin")).toBe("*");
      expect(answer.text).not.toMatch(/ors_/);
    }
  });

  it("a refusal spends no token", async () => {
    const token = hostToken(stack);
    expect((await exchange(stack, token, { origin: "https://evil.example" })).code).toBe(
      "origin_not_allowed",
    );
    expect((await exchange(stack, token)).status).toBe(200);
  });

  it("a refusal says nothing of the token", async () => {
    const token = hostToken(stack, { email: "someone@secret.example" }, foreignKey());
    const answer = await exchange(stack, token);
    expect(answer.text).not.toContain("secret.example");
    expect(answer.text).not.toContain(token.slice(-20));
    expect(stack.words()).not.toContain(token.slice(-20));
    expect(answer.body.request_id).toMatch(/^[0-9A-Z]{3}-[0-9A-Z]{3}$/);
  });
});

describe("sessions", () => {
  it("one taken to another origin is refused", async () => {
    const token = await session(stack);
    for (const origin of [other, "https://evil.example", "null", undefined]) {
      const answer = await runDashboard(stack, "airport-operations", token, { origin });
      expect([origin, answer.status, answer.code]).toEqual([origin, 403, "origin_mismatch"]);
    }
    expect((await runDashboard(stack, "airport-operations", token)).status).toBe(200);
  });

  it("without one, nothing is answered", async () => {
    for (const path of ["/api/v1/session", "/api/v1/questions", "/api/v1/dashboards"]) {
      expect([(await call(stack, path)).status, (await call(stack, path)).code]).toEqual([
        401,
        "not_authenticated",
      ]);
    }
    const answer = await call(stack, `/api/v1/questions/${dots}/run`, { json: {} });
    expect([answer.status, answer.code]).toEqual([401, "not_authenticated"]);
  });

  it("an invented one is refused", async () => {
    for (const token of ["ors_", `ors_${"A".repeat(43)}`, "x", hostToken(stack)]) {
      const answer = await call(stack, "/api/v1/session", { token });
      expect([answer.status, answer.code]).toEqual([401, "session_invalid"]);
    }
  });

  it("one that was signed out is refused from then on", async () => {
    const token = await session(stack);
    expect((await call(stack, "/api/v1/session", { method: "DELETE", token })).status).toBe(204);
    const answer = await runQuestion(stack, dots, token);
    expect([answer.status, answer.code]).toEqual([401, "session_revoked"]);
  });
});

describe("another customer's rows", () => {
  it("each customer gets its own and nothing else", async () => {
    for (const airport of ["DFW", "ORD"]) {
      const token = await session(stack, { airport, sub: airport, email: `${airport}@x.example` });
      const answer = await runQuestion(stack, dots, token);
      const got = served(answer.body.result);
      const own = departures(airport);
      expect(got.length).toBe(expectedTables(airport)[dots]?.rows.length);
      expect(got.filter((row) => !own.has(row))).toEqual([]);
    }
  });

  it.each([
    ["without the attribute", { airport: undefined }],
    ["with an empty one", { airport: "" }],
    ["with null", { airport: null }],
    ["with an object", { airport: { $ne: "x" } }],
    ["with SQL in it", { airport: "DFW' OR '1'='1" }],
    ["with a pattern", { airport: "%" }],
    ["in another case", { airport: "dfw" }],
  ])("a user %s gets no rows", async (name, claims) => {
    const token = await session(stack, {
      sub: name,
      email: `${name.replaceAll(" ", "-")}@x.example`,
      ...claims,
    });
    for (const id of [dots, "strikes-by-species", "latest-departures"]) {
      const answer = await runQuestion(stack, id, token);
      expect([id, answer.status, answer.body?.result?.row_count]).toEqual([id, 200, 0]);
    }
  });

  it.each([
    ["a parameter of an own invention", { airport: ["ORD"] }],
    ["the policy's column as a parameter", { origin: "ORD" }],
    ["a date range of another shape", { date: "2001-01-01" }],
    ["a date range with SQL in it", { date: { from: "2001-01-01' OR 1=1 --", to: "2001-12-31" } }],
    ["a date range with more in it", { date: { from: "2001-01-01", to: "2001-12-31", origin: "ORD" } }],
    ["a date that does not exist", { date: { from: "2001-02-30", to: "2001-03-01" } }],
    ["a list that is a text", { destination: "LAX" }],
    ["a list with an object", { destination: [{ sql: "1=1" }] }],
    ["parameters that are a list", ["LAX"]],
  ])("changed parameters are refused: %s", async (_, parameters) => {
    const token = await session(stack);
    const answer = await runQuestion(stack, dots, token, { json: { parameters } });
    expect([answer.status, answer.code]).toEqual([400, "invalid_request"]);
    const dashboard = await runDashboard(stack, "airport-operations", token, { json: { parameters } });
    expect([dashboard.status, dashboard.code]).toEqual([400, "invalid_request"]);
  });

  it.each([["') OR 1=1 --"], ["LAX' OR origin = 'ORD"], ["%"], ["' UNION SELECT * FROM flights --"]])(
    "a value is a value, whatever stands in it: %s",
    async (value) => {
      const token = await session(stack);
      const answer = await runQuestion(stack, dots, token, {
        json: { parameters: { destination: [value] } },
      });
      expect([answer.status, answer.body.result.row_count]).toEqual([200, 0]);
    },
  );

  it("a filter's choices are the customer's own", async () => {
    const token = await session(stack);
    const answer = await call(stack, "/api/v1/dashboards/airport-operations/parameters/destination/values", {
      token,
    });
    const own = new Set((expectedTables("DFW")[dots]?.rows ?? []).map((row) => row.destination));
    const offered = answer.body.items.map((item: any) => item.value);
    expect(offered).toEqual([...own].sort());
  });
});

describe("content that is not theirs", () => {
  it("a question in another collection does not exist", async () => {
    const token = await session(stack);
    const hidden = await runQuestion(stack, "network-comparison", token);
    const missing = await runQuestion(stack, "no-such-question", token);
    expect([hidden.status, hidden.code]).toEqual([404, "not_found"]);
    const anonymous = ({ request_id: _, ...rest }: any) => rest;
    const renamed = JSON.parse(
      JSON.stringify(missing.body).replaceAll("no-such-question", "network-comparison"),
    );
    expect(anonymous(hidden.body)).toEqual(anonymous(renamed));
    expect((await call(stack, "/api/v1/questions/network-comparison", { token })).code).toBe("not_found");
  });

  it("the lists leave it out", async () => {
    const token = await session(stack);
    const questions = (await call(stack, "/api/v1/questions", { token })).body.items.map(
      (item: any) => item.id,
    );
    expect(questions).toContain(dots);
    expect(questions).not.toContain("network-comparison");
    const dashboards = (await call(stack, "/api/v1/dashboards", { token })).body.items;
    expect(dashboards.map((item: any) => item.id)).toEqual(["airport-operations"]);
  });

  it("someone in no group sees nothing", async () => {
    const token = await session(stack, { sub: "stranger", email: "stranger@x.example", groups: [] });
    expect((await call(stack, "/api/v1/dashboards", { token })).body.items).toEqual([]);
    expect((await runDashboard(stack, "airport-operations", token)).code).toBe("not_found");
    expect((await runQuestion(stack, dots, token)).code).toBe("not_found");
  });
});

const adminRoute =
  /^\/api\/v1\/(providers|origins|api-keys|users|groups|tenants|permissions|policies|policy-tests|collections|audit|explain|sources)\b/;

// Those who may run what is saved are not asked what they would ask themselves.
const ownQuestion = /^\/api\/v1\/questions\/(run|download)$/;

describe("an own SQL text", () => {
  const sql = "SELECT * FROM flights";

  // Read from the API description, so that a new route with a body is met here.
  const routes = routesWithBody(readFileSync(join(root, "api/openapi.yaml"), "utf8"));

  it("the description names the routes that take a body", () => {
    expect(routes).toContain("POST /api/v1/questions/{id}/run");
    expect(routes).toContain("POST /api/v1/dashboards/{id}/run");
    expect(routes).toContain("POST /api/v1/session");
  });

  it.each(routes)("is refused: %s", async (route) => {
    const token = await session(stack);
    const [method = "", template = ""] = route.split(" ");
    const path = template.replace("{id}", template.includes("dashboards") ? "airport-operations" : dots);
    // An embed session comes no further than the door of administration, and
    // only the site's own page answers its own question.
    const refused = adminRoute.test(template)
      ? [403, "scope_denied"]
      : template === "/auth/sso/continue"
        ? [403, "cross_site_request"]
        : ownQuestion.test(template)
          ? [403, "forbidden"]
          : [400, "invalid_request"];
    const bodies = [
      { sql },
      { query: sql },
      { native: { query: sql } },
      { question: { source: "airports", sql } },
      { jwt: hostToken(stack), sql },
      { parameters: {}, sql },
      { parameters: { sql } },
      { parameters: { query: { sql } } },
    ];
    for (const body of bodies) {
      const answer = await call(stack, path, { method, token, json: body });
      // Rows as a file are for groups that may; this one may not, whatever it sends.
      const noFile = template.endsWith("/download") && answer.code === "forbidden";
      expect([JSON.stringify(body).slice(0, 40), answer.status, answer.code]).toEqual([
        JSON.stringify(body).slice(0, 40),
        ...(noFile ? [403, "forbidden"] : refused),
      ]);
      expect(answer.text).not.toContain("departed_at");
    }
    for (const body of [
      sql,
      `"${sql}"`,
      `[{"sql": "${sql}"}]`,
      `{"parameters": {}, "parameters": {"sql": "${sql}"}}`,
    ]) {
      const answer = await call(stack, path, { method, token, body });
      expect([body, answer.status]).toEqual([body, refused[0]]);
    }
  });

  it("is refused where nothing takes it", async () => {
    const token = await session(stack);
    for (const path of [
      "/api/v1/query",
      "/api/v1/questions",
      "/api/v1/dashboards",
      "/api/v1/sources/airports/query",
      "/api/dataset",
    ]) {
      const answer = await call(stack, path, { token, json: { sql } });
      expect([404, 405]).toContain(answer.status);
      expect(answer.text).not.toContain("departed_at");
    }
  });

  it("a body over the limit is refused before it is read", async () => {
    const token = await session(stack);
    const answer = await runQuestion(stack, dots, token, {
      json: { parameters: { x: "x".repeat(4 << 20) } },
    });
    expect([answer.status, answer.code]).toEqual([413, "too_large"]);
  });
});

function seconds(from: number): number {
  return Math.floor(Date.now() / 1000) + from;
}

function decoded(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
}

function routesWithBody(description: string): string[] {
  const found: string[] = [];
  let path = "";
  let method = "";
  for (const line of description.split("\n")) {
    if (line.startsWith("components:")) break;
    path = /^ {2}(\/\S*):$/.exec(line)?.[1] ?? path;
    method = /^ {4}(get|post|put|patch|delete):$/.exec(line)?.[1]?.toUpperCase() ?? method;
    if (/^ {6}requestBody:/.test(line)) found.push(`${method} ${path}`);
  }
  return found;
}
