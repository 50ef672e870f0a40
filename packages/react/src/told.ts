import { useEffect, useRef } from "react";

/** Calls `tell` once for each new value that isn't undefined, with the newest callback. */
export function useTold<Value>(value: Value | undefined, tell: (value: Value) => void): void {
  const newest = useRef(tell);
  const last = useRef<Value | undefined>(undefined);
  useEffect(() => {
    newest.current = tell;
  });
  useEffect(() => {
    if (value === last.current) return;
    last.current = value;
    if (value !== undefined) newest.current(value);
  }, [value]);
}
