"use client";

import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import {
  userOf,
  type AuthState,
  type Client,
  type CollectionsView,
  type ContentKind,
  type DashboardView,
  type ExplorableView,
  type ListOptions,
  type ListView,
  type Parameters,
  type QuestionView,
  type UnsavedAsk,
  type UnsavedView,
  type User,
  type Watch,
} from "@oriel/core";
import { useSurroundings } from "./context.js";

const idle: AuthState = { status: "idle" };

function useAuthState(caller: string): AuthState {
  const { auth } = useSurroundings(caller).client;
  return useSyncExternalStore(auth.subscribe, auth.getState, () => idle);
}

/** Where the sign-in stands; never null. */
export function useAuthStatus(): AuthState {
  return useAuthState("useAuthStatus");
}

/** Where the sign-in stands, and how to sign in and out. */
export function useAuth(): {
  state: AuthState;
  signIn: () => Promise<void>;
  signOut: () => void;
} {
  const { auth } = useSurroundings("useAuth").client;
  const state = useAuthState("useAuth");
  return useMemo(() => ({ state, signIn: auth.signIn, signOut: auth.signOut }), [state, auth]);
}

/** Who is signed in, once somebody is. */
export function useUser(): User | undefined {
  return userOf(useAuthState("useUser"));
}

/** How a question or dashboard is to be run. */
export interface RunHookOptions {
  params?: Parameters | undefined;
}

/** A question's newest result, kept up to date with its parameters. */
export function useQuestion(
  id: string,
  { params }: RunHookOptions = {},
): QuestionView & { reload: () => void } {
  const { client } = useSurroundings("useQuestion");
  const [first] = useState(params);
  const watch = useMemo(() => client.watchQuestion(id, first), [client, id, first]);
  return useWatched(watch, params);
}

/** A dashboard's layout and cards as they arrive, kept up to date with its filters. */
export function useDashboard(
  id: string,
  { params }: RunHookOptions = {},
): DashboardView & { reload: () => void } {
  const { client } = useSurroundings("useDashboard");
  const [first] = useState(params);
  const watch = useMemo(() => client.watchDashboard(id, first), [client, id, first]);
  return useWatched(watch, params);
}

/** A page of the dashboards or questions that this person may view. */
export function useContent(kind: ContentKind, options: ListOptions = {}): ListView & { reload: () => void } {
  const { client } = useSurroundings("useContent");
  const watch = useMemo(() => client.watchContent(kind), [client, kind]);
  return useWatched(watch, { ...options });
}

/** The collections that this person may view. */
export function useCollections(): CollectionsView & { reload: () => void } {
  const { client } = useSurroundings("useCollections");
  const watch = useMemo(() => client.watchCollections(), [client]);
  return useWatched(watch, undefined);
}

/** What this person may change a question with. */
export function useExplorable(id: string): ExplorableView & { reload: () => void } {
  const { client } = useSurroundings("useExplorable");
  const watch = useMemo(() => client.watchExplorable(id), [client, id]);
  return useWatched(watch, undefined);
}

/** A question that nobody saved, kept up to date as it changes; without one nothing is asked. */
export function useUnsaved(ask: UnsavedAsk | undefined): UnsavedView | undefined {
  const { client } = useSurroundings("useUnsaved");
  const [of, setOf] = useState<{ client: Client; watch: Watch<UnsavedView, UnsavedAsk> }>();
  if (ask && of?.client !== client) setOf({ client, watch: client.watchUnsaved(ask) });
  if (!ask && of) setOf(undefined);
  const watch = of?.watch;
  const [subscribe, look] = useMemo(
    () =>
      watch
        ? [(listener: () => void) => watch.subscribe(listener), () => watch.getSnapshot()]
        : [() => () => undefined, () => undefined],
    [watch],
  );
  useEffect(() => {
    if (ask) watch?.setParameters(ask);
  }, [watch, ask]);
  return useSyncExternalStore<UnsavedView | undefined>(subscribe, look, look);
}

function useWatched<View extends object>(
  watch: Watch<View>,
  params: Parameters | undefined,
): View & { reload: () => void } {
  const [subscribe, look] = useMemo(
    () => [(listener: () => void) => watch.subscribe(listener), () => watch.getSnapshot()],
    [watch],
  );
  // Stands before the subscription, so that the first run has its parameters.
  useEffect(() => {
    watch.setParameters(params);
  }, [watch, params]);
  const view = useSyncExternalStore(subscribe, look, look);
  return useMemo(
    () => ({
      ...view,
      reload: () => {
        watch.reload();
      },
    }),
    [view, watch],
  );
}
