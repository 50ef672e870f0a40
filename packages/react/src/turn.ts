import { useState } from "react";
import { userOf } from "@oriel/core";
import { useAuth } from "./hooks.js";

/**
 * A number that changes when another person signs in, and neither with a
 * renewal nor a first sign-in: as a key it drops what was of the former one.
 */
export function useTurn(): number {
  const { state } = useAuth();
  const user = userOf(state)?.id;
  const [of, setOf] = useState(user);
  const [turn, setTurn] = useState(0);
  if (user !== undefined && of !== user) {
    setOf(user);
    if (of !== undefined) setTurn(turn + 1);
  }
  return turn;
}
