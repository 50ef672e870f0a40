"use client";

import type { ReactNode } from "react";
import { userOf, type AuthState, type OrielError, type User } from "@oriel/core";
import { useAuth } from "./hooks.js";
import { useTrouble } from "./trouble.js";

/** What stands inside a gate: content, or a function that gives it. */
type Inside<Given> = ReactNode | ((given: Given) => ReactNode);

function inside<Given>(content: Inside<Given>, given: Given): ReactNode {
  return typeof content === "function" ? content(given) : content;
}

/** Shows its content while somebody is signed in, through renewals and lost connections. */
export function Authenticated({ children }: { children?: Inside<User> }) {
  const user = userOf(useAuth().state);
  return user && inside(children, user);
}

/** Shows its content until it is known who is signed in, or that nobody is. */
export function AuthPending({ children }: { children?: ReactNode }) {
  const { state } = useAuth();
  const trouble = useTrouble(state);
  const waiting =
    state.status === "idle" ||
    (state.status === "authenticating" && !trouble) ||
    (state.status === "offline" && !state.user);
  return waiting && children;
}

/** What a failed sign-in tells. */
export interface AuthFailure {
  error: OrielError;
  /** Tries again at once. */
  retry: () => void;
}

/** Shows its content when the sign-in failed, also while it is tried again. */
export function AuthFailed({ children }: { children?: Inside<AuthFailure> }) {
  const { state, signIn } = useAuth();
  const error = useTrouble(state);
  if (!error || (state.status === "offline" && !state.user)) return null;
  return inside(children, { error, retry: () => void signIn().catch(() => undefined) });
}

/** Who ended the sign-in, and how to begin anew. */
export interface SignedOutInfo {
  /** `nobody`: the person has yet to sign in, in another window. */
  by: Extract<AuthState, { status: "signed-out" }>["by"] | "nobody";
  /** Why Oriel lets the person in no longer, with `by: "server"`; with `nobody`, why the last window failed. */
  error: OrielError | undefined;
  /** Call it from a click: a window may open. */
  signIn: () => void;
}

/** Shows its content when nobody is signed in: not yet, or not any more, at the host or here. */
export function SignedOut({ children }: { children?: Inside<SignedOutInfo> }) {
  const { state, signIn } = useAuth();
  const begin = () => void signIn().catch(() => undefined);
  if (state.status === "interaction-required") {
    const error = state.code === "not_authenticated" ? undefined : state.error;
    return inside(children, { by: "nobody", error, signIn: begin });
  }
  if (state.status !== "signed-out") return null;
  const error = state.by === "server" ? state.error : undefined;
  return inside(children, { by: state.by, error, signIn: begin });
}
