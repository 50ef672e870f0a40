import type { OrielError } from "./error.js";
import { CachedWatch, type Watch, type Watching } from "./watch.js";
import type { CollectionInfo, ContentPage, ListOptions } from "./wire.js";

/** A page of a listing as it is to be shown now. */
export interface ListView {
  page?: ContentPage;
  /** The page is of a former search, or a newer one is on its way. */
  stale: boolean;
  loading: boolean;
  error?: OrielError;
}

/** The collections as they are to be shown now. */
export interface CollectionsView {
  collections?: readonly CollectionInfo[];
  loading: boolean;
  error?: OrielError;
}

/** Keeps one page of a listing up to date; its parameters are {@link ListOptions}. */
export function listWatch(
  of: Watching,
  list: (options: ListOptions, signal: AbortSignal) => Promise<ContentPage>,
): Watch<ListView> {
  return new CachedWatch<ContentPage, ListView>(
    of,
    (options = {}, signal) => list(options, signal),
    ({ data, error, loading }, before) => {
      const page = data ?? before?.page;
      return {
        ...(page ? { page } : {}),
        ...(error ? { error } : {}),
        stale: loading || data === undefined,
        loading,
      };
    },
  );
}

/** Keeps the collections up to date. */
export function collectionsWatch(
  of: Watching,
  list: (signal: AbortSignal) => Promise<readonly CollectionInfo[]>,
): Watch<CollectionsView> {
  return new CachedWatch<readonly CollectionInfo[], CollectionsView>(
    of,
    (_, signal) => list(signal),
    ({ data, error, loading }, before) => {
      const collections = data ?? before?.collections;
      return { ...(collections ? { collections } : {}), ...(error ? { error } : {}), loading };
    },
  );
}
