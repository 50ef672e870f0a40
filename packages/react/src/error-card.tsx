import type { AuthState, OrielError } from "@oriel/core";
import type { Slots } from "./slots.js";
import { words } from "./words.js";

interface ErrorCardProps {
  title: string;
  error: OrielError;
  /** Something is being tried at this moment. */
  busy?: boolean;
  onRetry: () => void;
  /** The host's own notice. */
  slot: Slots["error"] | undefined;
}

/** Says what failed, its code and reference, and what to do next. */
export function ErrorCard({ title, error, busy, onRetry, slot }: ErrorCardProps) {
  if (slot) return <div className="oriel-slot">{slot({ error, retry: onRetry })}</div>;
  return (
    <div className="oriel-notice" role="alert">
      <p className="oriel-notice-title">{title}</p>
      <p>{error.message}</p>
      <p className="oriel-muted">{error.advice}</p>
      {error.words !== undefined && <p className="oriel-words">{error.words}</p>}
      <dl className="oriel-facts">
        <div>
          <dt>{words.code}</dt>
          <dd>
            <code>{error.code}</code>
          </dd>
        </div>
        {error.reference !== undefined && (
          <div>
            <dt>{words.reference}</dt>
            <dd>
              <code>{error.reference}</code>
            </dd>
          </div>
        )}
      </dl>
      <div className="oriel-actions">
        <button type="button" className="oriel-button oriel-primary" disabled={busy} onClick={onRetry}>
          {words.retry}
        </button>
        <a href={error.docs} target="_blank" rel="noreferrer">
          {words.help}
        </a>
      </div>
    </div>
  );
}

/** Nobody is here to show figures to, or somebody must act first. */
type Away =
  | Extract<AuthState, { status: "signed-out" | "interaction-required" }>
  | (Extract<AuthState, { status: "authenticating" }> & { inWindow: true });

/** Whether a card stands in place of all content. */
export function isAway(state: AuthState): state is Away {
  return (
    state.status === "signed-out" ||
    state.status === "interaction-required" ||
    (state.status === "authenticating" && state.inWindow === true)
  );
}

interface AwayCardProps {
  state: Away;
  /** Signs in; called from a click. */
  onRetry: () => void;
  slot: Slots["error"] | undefined;
}

/**
 * The calm state of a page whose person has left, or must sign in in another
 * window; whom Oriel shut out reads why.
 */
export function AwayCard({ state, onRetry, slot }: AwayCardProps) {
  if (state.status === "authenticating") {
    return (
      <div className="oriel-notice" role="status">
        <p className="oriel-notice-title">{words.otherWindow}</p>
        <p className="oriel-muted">{words.otherWindowAdvice}</p>
      </div>
    );
  }
  if (state.status === "interaction-required") {
    return <SignInCard error={state.error} onSignIn={onRetry} slot={slot} />;
  }
  if (state.by === "server") {
    return <ErrorCard title={words.shutOut} error={state.error} onRetry={onRetry} slot={slot} />;
  }
  return (
    <div className="oriel-notice" role="status">
      <p className="oriel-notice-title">{words.signedOut}</p>
      <p className="oriel-muted">{words.signedOutAdvice}</p>
      <div className="oriel-actions">
        <button type="button" className="oriel-button" onClick={onRetry}>
          {state.by === "user" ? words.signIn : words.retry}
        </button>
      </div>
    </div>
  );
}

interface SignInCardProps {
  error: OrielError;
  onSignIn: () => void;
  slot: Slots["error"] | undefined;
}

/** Asks for the click in which another window opens; says why, when the last one failed. */
function SignInCard({ error, onSignIn, slot }: SignInCardProps) {
  if (slot) return <div className="oriel-slot">{slot({ error, retry: onSignIn })}</div>;
  const failed = error.code !== "not_authenticated";
  return (
    <div className="oriel-notice" role={failed ? "alert" : "status"}>
      <p className="oriel-notice-title">{words.signInNeeded}</p>
      {failed && (
        <>
          <p>{error.message}</p>
          <p className="oriel-muted">{error.advice}</p>
          {error.reference !== undefined && (
            <p className="oriel-muted">
              {words.reference} <code>{error.reference}</code>
            </p>
          )}
        </>
      )}
      <div className="oriel-actions">
        <button type="button" className="oriel-button oriel-primary" onClick={onSignIn}>
          {words.signIn}
        </button>
        {failed && (
          <a href={error.docs} target="_blank" rel="noreferrer">
            {words.help}
          </a>
        )}
      </div>
    </div>
  );
}

/**
 * In place of one chart: calm, with the reference that people can quote. Who may
 * edit the question reads what is wrong with it.
 */
export function ChartFailure({ error }: { error?: OrielError | undefined }) {
  return (
    <div className="oriel-chart-failure">
      <p>{words.chartFailed}</p>
      {error?.words !== undefined && <p className="oriel-words">{error.words}</p>}
      {error && (
        <p className="oriel-muted">
          {error.reference === undefined
            ? `${words.code} ${error.code}`
            : `${words.reference} ${error.reference}`}
        </p>
      )}
    </div>
  );
}
