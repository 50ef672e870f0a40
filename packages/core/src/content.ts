import { withDeadline } from "./deadline.js";
import type { Environment } from "./environment.js";
import type { Explorable } from "./explore.js";
import { OrielError } from "./error.js";
import { readLines } from "./ndjson.js";
import type { Sessions } from "./session.js";
import { failureOf, notOriel, send } from "./transport.js";
import type {
  CardLine,
  CollectionInfo,
  ContentKind,
  ContentPage,
  DashboardCard,
  DashboardInfo,
  DashboardLine,
  ListedContent,
  ListOptions,
  Model,
  ParameterChoice,
  Parameters,
  Question,
  QuestionRun,
  SessionInfo,
  UnsavedAsk,
  UnsavedRun,
} from "./wire.js";

/** How long the server may be silent while it runs a query, in milliseconds. */
const silence = 120_000;

/** A dashboard's layout, and the cards that have arrived so far. */
export interface DashboardRun {
  dashboard: DashboardInfo;
  cards: readonly DashboardCard[];
  /** By card id. */
  results: Readonly<Record<string, CardLine>>;
  /** Whether the stream came to its end. */
  complete: boolean;
}

/** How to run a question or dashboard. */
export interface RunOptions {
  parameters?: Parameters | undefined;
  signal?: AbortSignal | undefined;
}

export interface DashboardRunOptions extends RunOptions {
  /** Called with each line as it arrives. */
  onLine?: ((line: DashboardLine, soFar: DashboardRun) => void) | undefined;
}

/** In which form rows are taken away. */
export type DownloadFormat = QuestionRun["question"]["downloads"][number];

/** The rows of a question as a file. */
export interface Download {
  file: Blob;
  format: DownloadFormat;
}

/** The content endpoints, asked with a session. */
export class Content<S extends { readonly token: string } = { readonly token: string }> {
  constructor(
    private readonly env: Environment,
    private readonly server: string,
    private readonly sessions: Sessions<S>,
  ) {}

  /** Whose session it is, and of which kind. */
  async session(signal: AbortSignal): Promise<SessionInfo> {
    const { body, response } = await this.#json<Partial<SessionInfo>>("/api/v1/session", {}, signal);
    if (
      typeof body.kind !== "string" ||
      typeof body.user?.id !== "string" ||
      typeof body.expires_at !== "number" ||
      typeof body.server_time !== "number"
    ) {
      throw notOriel(response);
    }
    return body as SessionInfo;
  }

  async runQuestion(id: string, signal: AbortSignal, parameters?: Parameters) {
    const path = `/api/v1/questions/${encodeURIComponent(id)}/run`;
    const run = await this.#json<Partial<QuestionRun>>(path, post(parameters), signal);
    if (!Array.isArray(run.body.result?.columns) || !run.body.question) {
      throw notOriel(run.response);
    }
    return run.body as QuestionRun;
  }

  async runUnsaved(ask: UnsavedAsk, signal: AbortSignal): Promise<UnsavedRun> {
    const run = await this.#json<Partial<UnsavedRun>>("/api/v1/questions/run", postJSON(ask), signal);
    if (!Array.isArray(run.body.result?.columns) || !run.body.chart) throw notOriel(run.response);
    return run.body as UnsavedRun;
  }

  /** A question's description, and of the models of its tree those that this person may ask on. */
  async explorable(id: string, signal: AbortSignal): Promise<Explorable> {
    const path = `/api/v1/questions/${encodeURIComponent(id)}`;
    const { body, response } = await this.#json<Partial<Question>>(path, {}, signal);
    if (typeof body.id !== "string" || !Array.isArray(body.parameters)) throw notOriel(response);
    const question = body as Question;
    const tree = question.structured;
    const models = new Map<string, Model>();
    const load = async (key: string) => {
      if (models.has(key)) return;
      try {
        models.set(key, await this.model(key, signal));
      } catch (error) {
        // What a key leads to may be nobody's here.
        if (!OrielError.is(error, "not_found")) throw error;
      }
    };
    if (tree) {
      await load(tree.model);
      const keys = new Set<string>();
      for (const column of models.get(tree.model)?.columns ?? []) {
        if (column.foreign_key) keys.add(column.foreign_key.model);
      }
      await Promise.all([...keys].map(load));
    }
    return { question, models };
  }

  async model(id: string, signal: AbortSignal): Promise<Model> {
    const path = `/api/v1/models/${encodeURIComponent(id)}`;
    const { body, response } = await this.#json<Partial<Model>>(path, {}, signal);
    if (!Array.isArray(body.columns)) throw notOriel(response);
    return body as Model;
  }

  downloadQuestion(
    id: string,
    format: DownloadFormat,
    signal: AbortSignal,
    parameters?: Parameters,
  ): Promise<Download> {
    const path = `/api/v1/questions/${encodeURIComponent(id)}/download`;
    return this.#download(path, format, post(parameters), signal);
  }

  downloadUnsaved(ask: UnsavedAsk, format: DownloadFormat, signal: AbortSignal): Promise<Download> {
    return this.#download("/api/v1/questions/download", format, postJSON(ask), signal);
  }

  /** All rows as a file, which is read as a whole: a cut-off one is no file. */
  #download(path: string, format: DownloadFormat, init: RequestInit, signal: AbortSignal): Promise<Download> {
    return this.#send(`${path}?format=${format}`, init, signal, async (response, alive) => {
      if (!response.body) throw cutOff(response);
      const parts: Uint8Array<ArrayBuffer>[] = [];
      try {
        const reader = response.body.getReader();
        for (;;) {
          const { done, value } = await reader.read();
          alive();
          if (done) break;
          parts.push(value);
        }
      } catch (cause) {
        throw cutOff(response, cause);
      }
      const type = response.headers.get("Content-Type") ?? "application/octet-stream";
      return { file: new Blob(parts, { type }), format };
    });
  }

  async parameterValues(
    dashboard: string,
    parameter: string,
    signal: AbortSignal,
  ): Promise<readonly ParameterChoice[]> {
    const path = `/api/v1/dashboards/${encodeURIComponent(dashboard)}/parameters/${encodeURIComponent(parameter)}/values`;
    const { body, response } = await this.#json<{ items?: unknown }>(path, {}, signal);
    if (!Array.isArray(body.items)) throw notOriel(response);
    return body.items as ParameterChoice[];
  }

  /** One page of what this person may view. */
  async list(kind: ContentKind, options: ListOptions, signal: AbortSignal): Promise<ContentPage> {
    const query = new URLSearchParams();
    for (const name of ["collection", "search", "cursor"] as const) {
      const value = options[name];
      if (value !== undefined && value !== "") query.set(name, value);
    }
    const asked = query.toString();
    type Answer = { items?: unknown; next?: unknown };
    const path = `/api/v1/${kind}${asked && `?${asked}`}`;
    const { body, response } = await this.#json<Answer>(path, {}, signal);
    if (!isListing(body.items)) throw notOriel(response);
    return { items: body.items, next: typeof body.next === "string" ? body.next : undefined };
  }

  async collections(signal: AbortSignal): Promise<readonly CollectionInfo[]> {
    const { body, response } = await this.#json<{ items?: unknown }>(
      "/api/v1/viewable-collections",
      {},
      signal,
    );
    if (!Array.isArray(body.items) || !body.items.every(isNamed)) throw notOriel(response);
    return body.items;
  }

  runDashboard(
    id: string,
    signal: AbortSignal,
    parameters?: Parameters,
    onLine?: DashboardRunOptions["onLine"],
  ): Promise<DashboardRun> {
    const path = `/api/v1/dashboards/${encodeURIComponent(id)}/run`;
    const init = post(parameters);
    return this.#send(path, init, signal, async (response, alive) => {
      let run: DashboardRun | undefined;
      for await (const line of linesOf(response, alive)) {
        if (line.type === "layout") {
          const { dashboard, cards } = line;
          run = { dashboard, cards, results: {}, complete: false };
        } else if (run === undefined) {
          throw notOriel(response);
        } else if (line.type === "card") {
          run = { ...run, results: { ...run.results, [line.id]: line } };
        } else if (line.type === "end") {
          run = { ...run, complete: true };
        }
        if (run) onLine?.(line, run);
        if (run?.complete) return run;
      }
      throw cutOff(response);
    });
  }

  async #json<T>(path: string, init: RequestInit, signal: AbortSignal) {
    return this.#send(path, init, signal, async (response) => {
      let body: unknown;
      try {
        body = await response.json();
      } catch (cause) {
        throw cause instanceof SyntaxError ? notOriel(response) : cutOff(response, cause);
      }
      if (typeof body !== "object" || body === null) throw notOriel(response);
      return { response, body: body as T };
    });
  }

  /** Sends with a session; a 401 renews it and sends once more, a 403 doesn't. */
  async #send<T>(
    path: string,
    init: RequestInit,
    signal: AbortSignal,
    read: (response: Response, alive: () => void) => Promise<T>,
  ): Promise<T> {
    let session: S | undefined;
    for (;;) {
      const replay = session !== undefined;
      session = await this.sessions.session(signal, session);
      const outcome = await this.#once(path, init, session, signal, replay, read);
      if (outcome !== undefined) return outcome.value;
    }
  }

  #once<T>(
    path: string,
    init: RequestInit,
    session: S,
    outer: AbortSignal,
    last: boolean,
    read: (response: Response, alive: () => void) => Promise<T>,
  ): Promise<{ value: T } | undefined> {
    return withDeadline(this.env, silence, outer, async (signal, alive) => {
      const headers = new Headers(init.headers);
      headers.set("Authorization", `Bearer ${session.token}`);
      const response = await send(this.env, this.server + path, {
        ...init,
        headers,
        signal,
      });
      alive();
      if (response.status === 401 && !last) {
        await response.body?.cancel().catch(() => undefined);
        return undefined;
      }
      if (!response.ok) {
        const error = await failureOf(response);
        this.sessions.refused(session, error);
        throw error;
      }
      return { value: await read(response, alive) };
    });
  }
}

function isListing(items: unknown): items is ListedContent[] {
  if (!Array.isArray(items)) return false;
  return items.every((item: unknown) => isNamed(item) && "collection" in item && isNamed(item.collection));
}

function isNamed(value: unknown): value is { id: string; name: string } {
  if (typeof value !== "object" || value === null || !("id" in value) || !("name" in value)) return false;
  return typeof value.id === "string" && typeof value.name === "string";
}

function post(parameters: Parameters | undefined): RequestInit {
  return postJSON({ parameters: setOnes(parameters) });
}

function postJSON(body: unknown): RequestInit {
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

/** The parameters that are set, without empty lists and open ranges' gaps. */
export function setOnes<Asked extends object = Parameters>(asked: Asked | undefined): Asked {
  const set = Object.entries(asked ?? {}).filter(([, value]: [string, unknown]) => {
    if (value === null || value === undefined || value === "") return false;
    if (Array.isArray(value)) return value.length > 0;
    return (
      typeof value !== "object" ||
      Object.values(value).some((one) => one !== null && one !== undefined && one !== "")
    );
  });
  return Object.fromEntries(set) as Asked;
}

async function* linesOf(response: Response, alive: () => void): AsyncGenerator<DashboardLine> {
  if (!/json/.test(response.headers.get("Content-Type") ?? "json")) {
    throw notOriel(response);
  }
  if (!response.body) throw cutOff(response);
  try {
    for await (const line of readLines(response.body, alive)) {
      if (typeof line === "object" && line !== null) yield line as DashboardLine;
    }
  } catch (cause) {
    throw cutOff(response, cause);
  }
}

function cutOff(response: Response, cause?: unknown): OrielError {
  return new OrielError({
    code: "NETWORK",
    message: "The answer was cut off before its end.",
    status: response.status,
    retryable: true,
    cause,
  });
}
