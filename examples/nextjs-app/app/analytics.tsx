"use client";

import type { ReactNode } from "react";
import { defineAuthConfig, OrielProvider } from "@oriel/react";

interface AnalyticsProps {
  server: string;
  /** Whoever is signed in at this product: when it changes, nothing of the former person is left. */
  subject: string;
  children: ReactNode;
}

/** Signs the page in to Oriel, once for all pages below. */
export function Analytics({ server, subject, children }: AnalyticsProps) {
  const auth = defineAuthConfig({ server, subject, auth: { type: "endpoint", url: "/sso/oriel" } });
  return <OrielProvider auth={auth}>{children}</OrielProvider>;
}
