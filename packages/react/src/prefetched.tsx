"use client";

import { useMemo, type ReactNode } from "react";
import { useSurroundings } from "./context.js";

export interface PrefetchedProps {
  /** What `dehydrate()` of a server client answered; without it the page asks for itself. */
  state: string | undefined;
  children?: ReactNode;
}

/**
 * Gives what a server fetched to the charts and dashboards inside: they show it
 * on the first render and don't ask for it again. It is shown to nobody else.
 */
export function Prefetched({ state, children }: PrefetchedProps) {
  const { client } = useSurroundings("Prefetched");
  // While rendering, so that the first render has it. It only adds what nobody
  // watches yet, and does nothing the second time.
  useMemo(() => client.hydrate(state), [client, state]);
  return children;
}
