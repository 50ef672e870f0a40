"use client";

import { useEffect, useId, useRef, useState, type ReactNode } from "react";
import type { ContentKind, ListedContent, OrielError } from "@oriel/core";
import { CollectionList, kinds, useFound, type Found } from "./collection-list.js";
import { useSurroundings, type Theme } from "./context.js";
import { AwayCard, ErrorCard, isAway } from "./error-card.js";
import { Frame } from "./frame.js";
import { useAuth, useCollections } from "./hooks.js";
import type { Slots } from "./slots.js";
import { StaticDashboard } from "./static-dashboard.js";
import { StaticQuestion } from "./static-question.js";
import { useTold } from "./told.js";
import { useTrouble } from "./trouble.js";
import { useTurn } from "./turn.js";
import { words } from "./words.js";

/** A dashboard or question that somebody chose. */
export interface ChosenContent {
  kind: "dashboard" | "question";
  id: string;
  name: string;
  /** The key of the collection that it is in. */
  collection: string;
}

export interface CollectionBrowserProps extends Pick<Slots, "error"> {
  /** The key of the collection that is shown, when the host keeps it; `null` is all of them. */
  collection?: string | null;
  /** The one that is shown at first, when the browser keeps it. */
  defaultCollection?: string;
  /** Somebody chose a collection; `null` is all of them. */
  onCollectionChange?: (collection: string | null) => void;
  /** Given, the host shows what is chosen; without it, the browser does, with a way back. */
  onOpen?: (chosen: ChosenContent) => void;
  /** Called when the list can't be shown. */
  onError?: (error: OrielError) => void;
  /** A fixed height, beyond which it scrolls. */
  height?: number | string;
  className?: string;
  /** Default: the provider's. */
  theme?: Theme;
  /** Default: the provider's. */
  locale?: string;
}

/**
 * What this person may view, by collection and with a search; choosing a
 * dashboard or question shows it. Another person finds nothing of the former
 * one's: neither search nor what was open.
 */
export function CollectionBrowser(props: CollectionBrowserProps) {
  const turn = useTurn();
  return <Browser key={turn} {...props} />;
}

function Browser(props: CollectionBrowserProps) {
  useSurroundings("CollectionBrowser");
  const { state, signIn } = useAuth();
  const trouble = useTrouble(state);
  const [collection, setCollection] = useChosenCollection(props);
  const [search, setSearch] = useState("");
  const settled = useSettled(search, 250).trim();
  const named = useCollections();
  const found = useFound(collection, settled);
  const [open, setOpen] = useState<ChosenContent>();
  const back = useFocusAfter(open);
  const failure = found.error ?? named.error;
  const error = trouble ?? failure;
  useTold(error, (told) => props.onError?.(told));

  const again = () => void signIn().catch(() => undefined);
  const choose = (kind: ContentKind, item: ListedContent) => {
    const chosen: ChosenContent = {
      kind: kind === "dashboards" ? "dashboard" : "question",
      id: item.id,
      name: item.name,
      collection: item.collection.id,
    };
    if (props.onOpen) props.onOpen(chosen);
    else setOpen(chosen);
  };

  let content: ReactNode;
  if (isAway(state)) {
    content = <AwayCard state={state} onRetry={again} slot={props.error} />;
  } else if (trouble) {
    const busy = state.status === "authenticating";
    content = (
      <ErrorCard title={words.signInFailed} error={trouble} busy={busy} onRetry={again} slot={props.error} />
    );
  }
  const opened = content === undefined ? open : undefined;
  const where = named.collections?.find((one) => one.id === collection)?.name;
  return (
    <Frame
      kind="oriel-browser"
      className={props.className}
      theme={props.theme}
      size={props.height === undefined ? undefined : { height: props.height, overflow: "auto" }}
      label={words.collections}
    >
      {content}
      {opened && (
        <div className="oriel-opened">
          <button
            ref={back.button}
            type="button"
            className="oriel-button oriel-back"
            onClick={() => setOpen(undefined)}
          >
            {words.back(where ?? words.allCollections)}
          </button>
          <Opened chosen={opened} {...props} />
        </div>
      )}
      {content === undefined && (
        // Kept while something is open: the way back finds pages, search and scroll as they were.
        <div ref={back.list} className="oriel-browse" hidden={opened !== undefined}>
          <Bar
            search={search}
            onSearch={setSearch}
            collection={collection}
            collections={named.collections}
            fixed={props.collection !== undefined && !props.onCollectionChange}
            onCollection={setCollection}
          />
          {failure ? (
            <ErrorCard
              title={words.listFailed}
              error={failure}
              slot={props.error}
              onRetry={() => {
                if (named.error) named.reload();
                found.reload();
              }}
            />
          ) : (
            <Tally found={found} search={settled} />
          )}
          {kinds.map((kind) => (
            <CollectionList
              key={`${kind} ${collection ?? ""} ${settled}`}
              kind={kind}
              collection={collection}
              search={settled}
              // In a collection of its own the name says nothing.
              tellCollection={collection === null && (named.collections?.length ?? 0) > 1}
              onChoose={choose}
              errorSlot={props.error}
            />
          ))}
        </div>
      )}
    </Frame>
  );
}

function Opened({
  chosen,
  theme,
  locale,
}: { chosen: ChosenContent } & Pick<CollectionBrowserProps, "theme" | "locale">) {
  const look = { ...(theme ? { theme } : {}), ...(locale ? { locale } : {}) };
  if (chosen.kind === "dashboard") return <StaticDashboard id={chosen.id} {...look} />;
  return <StaticQuestion id={chosen.id} height={480} {...look} />;
}

interface BarProps {
  search: string;
  onSearch: (search: string) => void;
  collection: string | null;
  collections: readonly { id: string; name: string }[] | undefined;
  /** The host alone says which collection is shown. */
  fixed: boolean;
  onCollection: (collection: string | null) => void;
}

function Bar({ search, onSearch, collection, collections = [], fixed, onCollection }: BarProps) {
  const id = useId();
  // One that isn't in the list is none of theirs: the field names it, the list says why it is empty.
  const strange = collection !== null && !collections.some((one) => one.id === collection);
  return (
    <div className="oriel-browse-bar" role="search" aria-label={words.collections}>
      <div className="oriel-browse-field">
        <label className="oriel-filter-label" htmlFor={`${id}search`}>
          {words.searchContent}
        </label>
        <input
          id={`${id}search`}
          className="oriel-input"
          type="search"
          maxLength={200}
          autoComplete="off"
          value={search}
          onChange={(event) => {
            onSearch(event.target.value);
          }}
        />
      </div>
      {!fixed && (collections.length > 1 || collection !== null) && (
        <div className="oriel-browse-field">
          <label className="oriel-filter-label" htmlFor={`${id}collection`}>
            {words.collection}
          </label>
          <select
            id={`${id}collection`}
            className="oriel-input"
            value={collection ?? ""}
            onChange={(event) => {
              onCollection(event.target.value === "" ? null : event.target.value);
            }}
          >
            <option value="">{words.allCollections}</option>
            {strange && <option value={collection}>{collection}</option>}
            {collections.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        </div>
      )}
    </div>
  );
}

/** How much was found, also told to screen readers; and that nothing was. */
function Tally({ found, search }: { found: Found; search: string }) {
  const { dashboards, questions } = found.counts;
  let told = words.loading;
  if (found.settled) {
    told = words.found(
      words.countOf(dashboards.count, dashboards.more, words.dashboardOne, words.dashboardMany),
      words.countOf(questions.count, questions.more, words.chartOne, words.chartMany),
    );
    if (dashboards.count + questions.count === 0) {
      told = search ? words.noContentMatch(search) : words.noContent;
    }
  }
  return (
    <p className="oriel-muted oriel-tally" role="status">
      {told}
    </p>
  );
}

function useChosenCollection(props: CollectionBrowserProps) {
  const [own, setOwn] = useState<string | null>(props.defaultCollection ?? null);
  const choose = (collection: string | null) => {
    if (props.collection === undefined) setOwn(collection);
    props.onCollectionChange?.(collection);
  };
  return [props.collection === undefined ? own : props.collection, choose] as const;
}

/** A value that has stood for a while: each letter typed is no request. */
function useSettled(value: string, wait: number): string {
  const [settled, settle] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => {
      settle(value);
    }, wait);
    return () => {
      clearTimeout(timer);
    };
  }, [value, wait]);
  return settled;
}

/** The focus goes to the way back, and from there to what was chosen. */
function useFocusAfter(open: ChosenContent | undefined) {
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const former = useRef<ChosenContent | undefined>(undefined);
  useEffect(() => {
    const left = former.current;
    former.current = open;
    if (open) {
      if (open !== left) button.current?.focus();
    } else if (left) {
      const rows = list.current?.querySelectorAll<HTMLElement>(".oriel-row") ?? [];
      const row = [...rows].find((one) => one.dataset["content"] === `${left.kind} ${left.id}`);
      (row ?? list.current?.querySelector<HTMLElement>("input"))?.focus();
    }
  }, [open]);
  return { button, list };
}
