import type { ReactNode } from "react";
import type { Parameter, Parameters } from "@oriel/core";
import { FilterBar, isRange } from "./filter-bar.js";

interface FilteredProps {
  parameters: readonly Parameter[];
  params: Parameters;
  locale: string | undefined;
  onChange: (params: Parameters) => void;
  children: ReactNode;
}

/** A question's chart under the fields of its ranges of days; a question offers no values of lists. */
export function Filtered({ parameters, params, locale, onChange, children }: FilteredProps) {
  const ranges = parameters.filter(isRange);
  if (ranges.length === 0) return children;
  return (
    <div className="oriel-filtered">
      <FilterBar
        parameters={ranges}
        load={nothing}
        params={params}
        locale={locale}
        settled={false}
        onChange={onChange}
      />
      {children}
    </div>
  );
}

const nothing = () => Promise.resolve([]);
