import type { OrielError, Parameters } from "@oriel/core";
import type { Theme } from "./context.js";
import type { Slots } from "./slots.js";

/** What every component takes that shows one question or dashboard. */
export interface ContentProps extends Slots {
  id: string;
  /** The values of its parameters when the host keeps them. */
  params?: Parameters;
  /** Their values at first, when the component keeps them. */
  defaultParams?: Parameters;
  /** Somebody changed one in a field of the component. */
  onParamsChange?: (params: Parameters) => void;
  /** Called when it can't be shown. */
  onError?: (error: OrielError) => void;
  className?: string;
  /** Default: the provider's. */
  theme?: Theme;
  /** Default: the provider's. */
  locale?: string;
}
