import type { Parameter, Parameters } from "@oriel/core";
import { FilterBar, isRange } from "./filter-bar.js";

interface RangeFiltersProps {
  parameters: readonly Parameter[];
  params: Parameters;
  locale: string | undefined;
  onChange: (params: Parameters) => void;
}

/** A question's ranges of days; of its lists the server offers no values, as it does for dashboards. */
export function RangeFilters({ parameters, ...props }: RangeFiltersProps) {
  return <FilterBar {...props} parameters={parameters.filter(isRange)} load={nothing} settled={false} />;
}

const nothing = () => Promise.resolve([]);
