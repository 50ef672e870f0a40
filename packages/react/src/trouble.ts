import { useState } from "react";
import type { AuthState, OrielError } from "@oriel/core";

/**
 * The sign-in failure to show. It stays while the next attempt runs, so that
 * card and skeleton don't take turns with every attempt.
 */
export function useTrouble(state: AuthState): OrielError | undefined {
  const [kept, keep] = useState<OrielError>();
  const now = state.status === "error" ? state.error : undefined;
  const trying = state.status === "authenticating" || state.status === "offline";
  if (now && now !== kept) keep(now);
  if (!now && !trying && kept) keep(undefined);
  return now ?? (trying ? kept : undefined);
}
