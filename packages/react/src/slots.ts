import type { ReactNode } from "react";
import type { OrielError } from "@oriel/core";

/** What the host shows in place of the component's own notices. */
export interface Slots {
  /** While nothing is there yet; default: a skeleton of the final size. */
  loader?: ReactNode;
  /** When there is nothing to show; default: a sentence. */
  empty?: ReactNode;
  /** When it can't be shown; default: a notice with code, reference and advice. */
  error?: (failure: { error: OrielError; retry: () => void }) => ReactNode;
}
