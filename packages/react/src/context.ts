import { createContext, useContext } from "react";
import { OrielError, type Client } from "@oriel/core";

/** Light, dark, or what the reader's system prefers. */
export type Theme = "light" | "dark" | "auto";

/**
 * Components stand in the page, and their styles in a cascade layer, which the
 * page's own styles override; or each in a shadow root, which none reaches into.
 */
export type Isolation = "layer" | "shadow";

/** What the provider gives to all below it. */
export interface Surroundings {
  client: Client;
  theme: Theme;
  locale: string | undefined;
  /** How styles of the page are kept off the components. */
  isolate: Isolation;
  /** For styles, where the page's Content-Security-Policy names one. */
  nonce: string | undefined;
}

export const OrielContext = createContext<Surroundings | undefined>(undefined);

/** What the provider above gives; outside of one, a sentence that says what to do. */
export function useSurroundings(caller: string): Surroundings {
  const found = useContext(OrielContext);
  if (found) return found;
  throw new OrielError({
    code: "CONFIG_INVALID",
    message: `${caller} stands outside of <OrielProvider>: wrap the part of the page that uses Oriel in <OrielProvider auth={defineAuthConfig({ server })}>.`,
  });
}
