import type { Popups } from "./popups.js";

/**
 * What the client takes from the world around it: time, chance, the network
 * and the browser's signs of waking. Tests give their own.
 */
export interface Environment {
  /** Milliseconds since 1970 by the local clock. */
  now(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  /** From 0 to just under 1; only for jitter. */
  random(): number;
  fetch: typeof fetch;
  /** False only when the browser knows that there is no network. */
  online(): boolean;
  /** Calls back when the page wakes or the network returns. */
  onWake(listener: (sign: "visible" | "online") => void): () => void;
  /** Other windows; without it the browser's own. */
  popups?: Popups;
}

/** The real surroundings; on a server nothing ever wakes. */
export const surroundings: Environment = {
  now: () => Date.now(),
  setTimeout: (run, ms) => globalThis.setTimeout(run, ms),
  clearTimeout: (timer) => {
    globalThis.clearTimeout(timer as number);
  },
  random: () => Math.random(),
  fetch: (input, init) => globalThis.fetch(input, init),
  online: () => globalThis.navigator?.onLine !== false,
  onWake(listener) {
    if (typeof document === "undefined") return () => undefined;
    const visible = () => {
      if (document.visibilityState === "visible") listener("visible");
    };
    const online = () => {
      listener("online");
    };
    document.addEventListener("visibilitychange", visible);
    globalThis.addEventListener("online", online);
    return () => {
      document.removeEventListener("visibilitychange", visible);
      globalThis.removeEventListener("online", online);
    };
  },
};
