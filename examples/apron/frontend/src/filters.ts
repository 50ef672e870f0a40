import type { Parameters } from "@oriel/react";
import { useCallback, useState } from "react";

/**
 * The dashboard's filters as this person left them, in this tab: they outlive a reload and a look at another
 * section, and never reach whoever signs in next.
 */
export function useFilters(person: string): [Parameters, (filters: Parameters) => void] {
  const [first] = useState(() => read(person));
  const keep = useCallback(
    (filters: Parameters) => sessionStorage.setItem(place(person), JSON.stringify(filters)),
    [person],
  );
  return [first, keep];
}

/** Called when the person signs out. */
export function forgetFilters(person: string) {
  sessionStorage.removeItem(place(person));
}

const place = (person: string) => `apron filters of ${person}`;

function read(person: string): Parameters {
  try {
    return JSON.parse(sessionStorage.getItem(place(person)) ?? "{}") as Parameters;
  } catch {
    return {}; // not what this page wrote
  }
}
