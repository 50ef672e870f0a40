"use client";

import { useEffect, useMemo, useState, type ReactNode } from "react";
import { createClient, type Client, type OrielError, type OrielEvent } from "@oriel/core";
import type { AuthConfig } from "./auth-config.js";
import { OrielContext, type Isolation, type Theme } from "./context.js";
import { stylesheet } from "./styles.js";

export interface OrielProviderProps {
  /** Made by `defineAuthConfig`. */
  auth: AuthConfig;
  /** Default: auto, as the reader's system prefers. */
  theme?: Theme;
  /** The language of numbers and dates; default: the reader's. */
  locale?: string;
  /** For pages whose Content-Security-Policy names one for styles. */
  nonce?: string;
  /** Default: layer. */
  isolate?: Isolation;
  onError?: (error: OrielError) => void;
  onEvent?: (event: OrielEvent) => void;
  children?: ReactNode;
}

/**
 * Signs in to Oriel for everything below it: one exchange, however many charts
 * and dashboards there are. Nothing is fetched while rendering or on a server.
 */
export function OrielProvider(props: OrielProviderProps) {
  const { auth, theme = "auto", isolate = "layer", locale, nonce, onError, onEvent } = props;
  const key = `${auth.server} ${auth.preferredAuthMethod ?? ""}`;
  const [held, setHeld] = useState(() => new Held(key, auth));
  // Another server or method is another client; a new source or callback isn't.
  if (held.key !== key) setHeld(new Held(key, auth));
  const { client } = held;

  useEffect(() => {
    client.update({
      ...(auth.auth ? { auth: auth.auth } : {}),
      ...(auth.subject === undefined ? {} : { subject: auth.subject }),
      ...(locale ? { locale } : {}),
      ...(onError ? { onError } : {}),
      ...(onEvent ? { onEvent } : {}),
    });
  }, [client, auth, locale, onError, onEvent]);

  useEffect(() => held.take(), [held]);

  const value = useMemo(
    () => ({ client, theme, isolate, locale, nonce }),
    [client, theme, isolate, locale, nonce],
  );
  return (
    <OrielContext.Provider value={value}>
      <style nonce={nonce} suppressHydrationWarning dangerouslySetInnerHTML={{ __html: stylesheet }} />
      {props.children}
    </OrielContext.Provider>
  );
}

/** A client, and who still uses it. */
class Held {
  readonly client: Client;
  #closing: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly key: string,
    auth: AuthConfig,
  ) {
    this.client = createClient(auth);
  }

  /** Begins to sign in; what it returns closes the client, unless StrictMode takes it again at once. */
  take(): () => void {
    clearTimeout(this.#closing);
    this.client.auth.begin();
    return () => {
      this.#closing = setTimeout(() => {
        this.client.close();
      }, 0);
    };
  }
}
