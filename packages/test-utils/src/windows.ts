import type { Environment } from "@oriel/core";

type Popups = NonNullable<Environment["popups"]>;
type Message = Parameters<Parameters<Popups["onMessage"]>[0]>[0];

/** A window that the SDK opened. */
export interface FakeWindow {
  url: URL;
  isClosed: boolean;
  /** That of messages which come from it. */
  source: unknown;
}

/** A browser that lets the page open windows, until a test says it doesn't. */
export class FakeWindows implements Popups {
  readonly opened: FakeWindow[] = [];
  blocks = false;
  /** Whether somebody clicked just now. */
  click = false;
  readonly #messages = new Set<(message: Message) => void>();
  readonly #broadcasts = new Set<(data: unknown) => void>();
  #count = 0;

  constructor(private readonly server: string) {}

  /** How many listen to messages of other windows. */
  get listeners(): number {
    return this.#messages.size + this.#broadcasts.size;
  }

  /** Where the page went in its own window, and what it kept for its return. */
  left: { url: URL; kept: Parameters<Popups["leave"]>[1] } | undefined;
  /** What the page is back with. */
  back: ReturnType<Popups["returned"]>;

  origin = () => "https://page.test";
  page = () => "https://page.test/figures?tab=2";
  leave: Popups["leave"] = (url, kept) => {
    this.left = { url: new URL(url), kept };
  };
  returned: Popups["returned"] = (server) => {
    const { back } = this;
    if (back?.server !== server) return undefined;
    this.back = undefined;
    return back;
  };
  clicked = () => this.click;
  random = () => `random-${String(++this.#count)}`;
  challenge = (verifier: string) => Promise.resolve(`hash-of-${verifier}`);

  open = (url: string) => {
    if (this.blocks) return undefined;
    const one: FakeWindow = { url: new URL(url), isClosed: false, source: {} };
    this.opened.push(one);
    return {
      source: one.source,
      closed: () => one.isClosed,
      close: () => {
        one.isClosed = true;
      },
    };
  };

  onMessage = (listener: (message: Message) => void) => {
    this.#messages.add(listener);
    return () => this.#messages.delete(listener);
  };

  onBroadcast = (listener: (data: unknown) => void) => {
    this.#broadcasts.add(listener);
    return () => this.#broadcasts.delete(listener);
  };

  /** The last window says something, as Oriel's page does, until a test changes it. */
  says(data: object, from: Partial<Message> = {}): void {
    const last = this.#last();
    const message = {
      data: { type: "ORIEL_AUTH", state: last.url.searchParams.get("state"), ...data },
      origin: this.server,
      source: last.source,
      ...from,
    };
    for (const listener of [...this.#messages]) listener(message);
  }

  /** The callback page passes on what came to it. */
  broadcasts(data: object): void {
    const state = this.#last().url.searchParams.get("state");
    for (const listener of [...this.#broadcasts]) listener({ type: "ORIEL_AUTH", state, ...data });
  }

  #last(): FakeWindow {
    const last = this.opened.at(-1);
    if (!last) throw new Error("no window was opened");
    return last;
  }
}
