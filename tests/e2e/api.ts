import { hostToken, type Claims } from "./hosttoken.js";
import type { Stack } from "./stack.js";

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The body as JSON; undefined when it is none. */
  body: any;
  /** The problem's code; undefined when it is none. */
  code: string | undefined;
}

export interface Call {
  method?: string;
  token?: string;
  origin?: string | undefined;
  json?: unknown;
  body?: string | Uint8Array;
  type?: string;
  headers?: Record<string, string>;
}

/** One request to Oriel, as a page of the given origin would make it. */
export async function call(stack: Stack, path: string, request: Call = {}): Promise<Answer> {
  const origin = "origin" in request ? request.origin : stack.apron;
  const headers: Record<string, string> = { ...request.headers };
  if (origin !== undefined) headers.Origin = origin;
  if (request.token !== undefined) headers.Authorization = `Bearer ${request.token}`;
  const body = request.json === undefined ? request.body : JSON.stringify(request.json);
  if (body !== undefined) headers["Content-Type"] = request.type ?? "application/json";
  const response = await fetch(new URL(path, stack.oriel), {
    method: request.method ?? (body === undefined ? "GET" : "POST"),
    headers,
    redirect: "manual",
    ...(body === undefined ? {} : { body: body as BodyInit }),
  });
  const text = await response.text();
  const answered = parsed(text);
  return { status: response.status, headers: response.headers, text, body: answered, code: answered?.code };
}

/** POST /api/v1/session with a host token. */
export function exchange(stack: Stack, jwt: string, request: Call = {}): Promise<Answer> {
  return call(stack, "/api/v1/session", { json: { jwt }, ...request });
}

/** A session token of a person with these claims. */
export async function session(stack: Stack, more: Claims = {}): Promise<string> {
  const answer = await exchange(stack, hostToken(stack, more));
  if (answer.status !== 200) throw new Error(`the exchange answered ${answer.status}: ${answer.text}`);
  return answer.body.token as string;
}

export function runQuestion(stack: Stack, id: string, token: string, request: Call = {}): Promise<Answer> {
  return call(stack, `/api/v1/questions/${encodeURIComponent(id)}/run`, { json: {}, token, ...request });
}

/** The lines of a dashboard's stream. */
export async function runDashboard(stack: Stack, id: string, token: string, request: Call = {}) {
  const answer = await call(stack, `/api/v1/dashboards/${encodeURIComponent(id)}/run`, {
    json: {},
    token,
    ...request,
  });
  const lines = answer.status === 200 ? answer.text.trimEnd().split("\n").map(parsed) : [];
  return { ...answer, lines };
}

/** A columnar result as one object a row. */
export function rows(result: any): Record<string, unknown>[] {
  const names: string[] = result.columns.map((column: any) => column.name);
  return Array.from({ length: result.row_count as number }, (_, row) =>
    Object.fromEntries(names.map((name, column) => [name, result.values[column][row]])),
  );
}

function parsed(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
