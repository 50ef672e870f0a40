import type { OrielError } from "@oriel/core";
import { words } from "../words.js";

/** Why a change can't be shown, over the chart of before it. */
export function Fault({ error }: { error: OrielError }) {
  return (
    <div className="oriel-explore-fault" role="alert">
      <span>{words.changeFailed}.</span>
      <span>{error.words ?? error.fields?.question ?? error.message}</span>
      <span className="oriel-muted">
        {words.code} {error.code}
        {error.reference === undefined ? "" : `, ${words.reference} ${error.reference}`}
      </span>
    </div>
  );
}
