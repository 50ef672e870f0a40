import { useEffect, useId, useRef, useState } from "react";
import type { ContentKind, ListedContent, OrielError } from "@oriel/core";
import { ErrorCard } from "./error-card.js";
import { useContent } from "./hooks.js";
import type { Slots } from "./slots.js";
import { words } from "./words.js";

export const kinds: readonly ContentKind[] = ["dashboards", "questions"];

interface Count {
  count: number;
  /** There are more than that. */
  more: boolean;
}

/** Where the first pages of both listings stand. */
export interface Found {
  counts: Record<ContentKind, Count>;
  /** Both are there, and of the newest search. */
  settled: boolean;
  error: OrielError | undefined;
  reload: () => void;
}

/** The first pages; the lists below share the same requests. */
export function useFound(collection: string | null, search: string): Found {
  const options = { collection: collection ?? undefined, search };
  const dashboards = useContent("dashboards", options);
  const questions = useContent("questions", options);
  const count = ({ page }: typeof dashboards): Count => ({
    count: page?.items.length ?? 0,
    more: page?.next !== undefined,
  });
  return {
    counts: { dashboards: count(dashboards), questions: count(questions) },
    settled: !dashboards.stale && !questions.stale,
    error: dashboards.error ?? questions.error,
    reload: () => {
      if (dashboards.error) dashboards.reload();
      if (questions.error) questions.reload();
    },
  };
}

interface CollectionListProps {
  kind: ContentKind;
  collection: string | null;
  search: string;
  tellCollection: boolean;
  onChoose: (kind: ContentKind, item: ListedContent) => void;
  /** The host's own notice. */
  errorSlot: Slots["error"] | undefined;
}

/** One listing, page after page as they are asked for. */
export function CollectionList(props: CollectionListProps) {
  const heading = useId();
  /** What follows which page; the first has no cursor. */
  const [cursors, setCursors] = useState<readonly (string | undefined)[]>([undefined]);
  const title = props.kind === "dashboards" ? words.dashboards : words.charts;
  return (
    <div className="oriel-listing" data-kind={props.kind}>
      <h3 className="oriel-listing-title" id={heading}>
        {title}
      </h3>
      {cursors.map((cursor, place) => (
        <ListPage
          key={cursor ?? ""}
          {...props}
          heading={heading}
          cursor={cursor}
          last={place === cursors.length - 1}
          onMore={(next) => {
            setCursors([...cursors, next]);
          }}
          onBeginAnew={() => {
            setCursors([undefined]);
          }}
        />
      ))}
    </div>
  );
}

interface ListPageProps extends CollectionListProps {
  heading: string;
  cursor: string | undefined;
  last: boolean;
  onMore: (next: string) => void;
  onBeginAnew: () => void;
}

function ListPage(props: ListPageProps) {
  const { kind, collection, search, cursor, last } = props;
  const view = useContent(kind, { collection: collection ?? undefined, search, cursor });
  const first = useRef<HTMLButtonElement>(null);
  const arrived = view.page !== undefined;
  // The button that asked for this page is gone: who pressed it goes on with the first of what came.
  useEffect(() => {
    if (arrived && cursor !== undefined) first.current?.focus();
  }, [arrived, cursor]);
  if (view.error && !view.page) {
    // The first page's failure is told once for the whole browser.
    if (cursor === undefined) return null;
    return (
      <ErrorCard
        title={words.listFailed}
        error={view.error}
        onRetry={props.onBeginAnew}
        slot={props.errorSlot}
      />
    );
  }
  if (!view.page) return <div className="oriel-bone oriel-listing-bone" />;
  const { items, next } = view.page;
  return (
    <>
      <ul
        className="oriel-rows"
        aria-labelledby={props.heading}
        aria-busy={view.loading}
        data-stale={view.stale}
      >
        {items.map((item, place) => (
          <li key={item.id}>
            <button
              ref={place === 0 ? first : undefined}
              type="button"
              className="oriel-row"
              data-content={`${kind === "dashboards" ? "dashboard" : "question"} ${item.id}`}
              onClick={() => {
                props.onChoose(kind, item);
              }}
            >
              <span className="oriel-row-name">{item.name}</span>
              {item.description !== undefined && <span className="oriel-muted">{item.description}</span>}
              {props.tellCollection && (
                <span className="oriel-muted oriel-row-place">{item.collection.name}</span>
              )}
            </button>
          </li>
        ))}
      </ul>
      {last && next !== undefined && (
        <button
          type="button"
          className="oriel-button"
          onClick={() => {
            props.onMore(next);
          }}
        >
          {words.more(kind === "dashboards" ? words.dashboards : words.charts)}
        </button>
      )}
    </>
  );
}
