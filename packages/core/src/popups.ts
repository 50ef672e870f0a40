import { OrielError } from "./error.js";

/** What a sign-in in another window takes from the browser. Tests give their own. */
export interface Popups {
  /** Of this page. */
  origin(): string;
  /** The address of this page. */
  page(): string;
  /** 256 random bits, in base64url. */
  random(): string;
  /** SHA-256 of a text, in base64url (RFC 7636, S256). */
  challenge(verifier: string): Promise<string>;
  /** Whether somebody clicked just now, so that a window may open; false where the browser doesn't tell. */
  clicked(): boolean;
  /** Opens a window; undefined when the browser doesn't let it. */
  open(url: string): PopupWindow | undefined;
  onMessage(listener: (message: PopupMessage) => void): () => void;
  /** Goes there in this very window, with what is needed when it comes back. */
  leave(url: string, kept: Kept): void;
  /**
   * What this window came back with from a server, once; undefined when it didn't
   * leave for that one, or came back empty. Another server never gets to see it.
   */
  returned(server: string): Returned | undefined;
  /** What the callback page of this origin says. */
  onBroadcast(listener: (data: unknown) => void): () => void;
}

/** What a window that leaves finds again, in its own storage, when it comes back. */
export interface Kept {
  /** Whose code it is that it comes back with. */
  server: string;
  state: string;
  verifier: string;
  /** The page that it left. */
  page: string;
}

/** A window that is back: what it kept, and what the callback page was told. */
export interface Returned extends Kept {
  /** As the message of a popup. */
  answer: Record<string, string>;
}

/** Where both are kept: a tab has its own, and no other origin reads it. */
export const keptUnder = "oriel-auth";

/** What a tab keeps while it is away, or with its answer; undefined without. */
export function keptHere(): (Kept & { answer?: Record<string, string> }) | undefined {
  try {
    const kept = JSON.parse(sessionStorage.getItem(keptUnder) ?? "null") as Returned | null;
    return kept && typeof kept.state === "string" && typeof kept.verifier === "string" ? kept : undefined;
  } catch {
    return undefined;
  }
}

/** A window that this page opened. */
export interface PopupWindow {
  /** What messages of it have as their source. */
  readonly source: unknown;
  closed(): boolean;
  close(): void;
}

/** A message of another window. */
export interface PopupMessage {
  data: unknown;
  origin: string;
  source: unknown;
}

/** The channel on which the callback page passes on what came to it. */
export const channelName = "oriel-auth";

const features = "popup,width=520,height=680";

/** The browser's own. */
export const browserPopups: Popups = {
  origin: () => location.origin,
  page: () => location.href,
  random: () => base64url(crypto.getRandomValues(new Uint8Array(32))),
  challenge: async (verifier) => {
    // Pages by plain http, other than this machine's, don't have it.
    if (!globalThis.crypto?.subtle) {
      throw new OrielError({
        code: "CONFIG_INVALID",
        message: "Sign-in in another window needs a page by https (or on localhost).",
      });
    }
    return base64url(
      new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))),
    );
  },
  clicked: () => (navigator as Partial<Navigator>).userActivation?.isActive === true,
  open: (url) => {
    const opened = window.open(url, "_blank", features);
    return opened ? { source: opened, closed: () => opened.closed, close: () => opened.close() } : undefined;
  },
  leave: (url, kept) => {
    sessionStorage.setItem(keptUnder, JSON.stringify(kept));
    location.assign(url);
  },
  returned: (server) => {
    const kept = keptHere();
    if (!kept?.answer || kept.server !== server) return undefined;
    sessionStorage.removeItem(keptUnder);
    return { ...kept, answer: kept.answer };
  },
  onMessage: (listener) => {
    const hear = (event: MessageEvent) => {
      listener(event);
    };
    window.addEventListener("message", hear);
    return () => {
      window.removeEventListener("message", hear);
    };
  },
  onBroadcast: (listener) => {
    const channel = new BroadcastChannel(channelName);
    channel.onmessage = (event) => {
      listener(event.data);
    };
    return () => {
      channel.close();
    };
  },
};

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
}
