// A host's page whose scene the address chooses: ?scene=dashboard&as=ann.
import { StrictMode, useState, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import {
  AuthFailed,
  defineAuthConfig,
  InteractiveDashboard,
  InteractiveQuestion,
  OrielProvider,
  SignedOut,
  StaticDashboard,
  CollectionBrowser,
  StaticQuestion,
  useAuth,
  useAuthStatus,
} from "@oriel/react";
import { finishSignIn } from "@oriel/core/callback";

const asked = new URLSearchParams(location.search);
const server = asked.get("server") ?? "";
const person = asked.get("as") ?? "ann";
const dashboard = "airport-operations";

const isolate = asked.get("isolate") === "shadow" ? "shadow" : "layer";

// Styles of a page that was not made for strangers' components.
if (asked.has("unruly")) {
  const style = document.createElement("style");
  style.textContent = `
    * { letter-spacing: 4px !important; text-transform: uppercase; }
    h2, h3 { display: none !important; }
    button, select, input { background: rgb(255, 0, 0) !important; border-radius: 40px; position: absolute; }
    section, table { display: none !important; }
    .oriel-card, .oriel-head { display: none !important; }`;
  document.head.append(style);
}

/** What the page says to this person's requests for a token. */
const endpoint = (as: string) => ({ type: "endpoint" as const, url: `${location.origin}/sso?as=${as}` });

function Status({ name = "status" }: { name?: string }) {
  const state = useAuthStatus();
  return (
    <p id={name} data-status={state.status}>
      {state.status}
      {state.status === "signed-out" && ` by ${state.by}`}
      {state.status === "error" && ` ${state.error.code}: ${state.error.message}`}
      {state.status === "degraded" && ` ${state.cause.code}`}
      {state.status === "interaction-required" && ` ${state.code}`}
    </p>
  );
}

function Provided({
  as = person,
  subject,
  children,
}: {
  as?: string;
  subject?: boolean;
  children: ReactNode;
}) {
  const [auth] = useState(() =>
    defineAuthConfig({ server, auth: endpoint(as), ...(subject ? { subject: as } : {}) }),
  );
  return (
    <OrielProvider auth={auth} isolate={isolate}>
      {children}
    </OrielProvider>
  );
}

function Leave() {
  const { signOut } = useAuth();
  return <button onClick={signOut}>Leave</button>;
}

/** Signed in by an identity provider; or however Oriel says, when the address says so. */
function ByIdentityProvider() {
  const method = asked.get("method");
  const [auth] = useState(() =>
    defineAuthConfig(
      method === "jwt"
        ? { server, auth: endpoint(person), preferredAuthMethod: "jwt" }
        : method === "saml"
          ? { server, preferredAuthMethod: "saml" }
          : method === "none"
            ? { server }
            : { server, auth: { type: "sso", ...(method === "redirect" ? { via: "redirect" } : {}) } },
    ),
  );
  return (
    <OrielProvider auth={auth} isolate={isolate}>
      <Status />
      <Leave />
      <StaticDashboard id={dashboard} />
    </OrielProvider>
  );
}

const finished = asked.get("scene") === "done" && finishSignIn();

/** A dashboard behind the page's own tabs; the other tab stays in the page. */
function Tabs() {
  const [tab, setTab] = useState("figures");
  return (
    <>
      <div role="tablist">
        {["figures", "notes"].map((one) => (
          <button key={one} role="tab" aria-selected={tab === one} onClick={() => setTab(one)}>
            {one}
          </button>
        ))}
      </div>
      <div hidden={tab !== "figures"}>
        <StaticDashboard id={dashboard} />
      </div>
      <div hidden={tab !== "notes"}>Notes of this page</div>
    </>
  );
}

/** Somebody else signs in at the host, without a new page. */
function Switched() {
  const [as, setAs] = useState(person);
  const auth = defineAuthConfig({ server, auth: endpoint(as), subject: as });
  return (
    <>
      <button onClick={() => setAs("bob")}>Become Bob</button>
      <OrielProvider auth={auth}>
        <Status />
        <StaticDashboard id={dashboard} />
      </OrielProvider>
    </>
  );
}

/** Everything is new with each render: the config, the callback, the handlers. */
function Rerendered() {
  const [count, setCount] = useState(0);
  const auth = defineAuthConfig({
    server,
    fetchRequestToken: async () =>
      (await (await fetch(`/sso?as=${person}&count=${String(count)}`)).json()) as { jwt: string },
  });
  return (
    <>
      <button onClick={() => setCount(count + 1)}>Render again</button>
      <output>{count}</output>
      <OrielProvider auth={auth} onError={() => undefined} onEvent={() => undefined}>
        <Status />
        {count % 2 === 0 && <StaticQuestion id="departures-per-day" />}
        <StaticDashboard id={dashboard} onLoad={() => undefined} />
      </OrielProvider>
    </>
  );
}

const scenes: Record<string, () => ReactNode> = {
  dashboard: () => (
    <Provided>
      <Status />
      <SignedOut>{({ by }) => <p id="gate">signed out by {by}</p>}</SignedOut>
      <AuthFailed>
        {({ error, retry }) => (
          <button id="gate" onClick={retry}>
            {error.code}
          </button>
        )}
      </AuthFailed>
      <Tabs />
    </Provided>
  ),
  interactive: () => (
    <Provided>
      <Status />
      <InteractiveDashboard id={dashboard} />
    </Provided>
  ),
  question: () => (
    <Provided>
      <Status />
      <StaticQuestion id="departures-per-day" />
    </Provided>
  ),
  browser: () => (
    <Provided>
      <Status />
      <CollectionBrowser />
    </Provided>
  ),
  explore: () => (
    <Provided>
      <Status />
      <InteractiveQuestion id={asked.get("question") ?? "worst-destinations"} />
    </Provided>
  ),
  sso: () => <ByIdentityProvider />,
  // The registered callback: a popup that lost its opener comes here.
  done: () => <p id="done">{finished ? "passed on" : "nothing to pass on"}</p>,
  switched: () => <Switched />,
  rerendered: () => <Rerendered />,
  several: () => (
    <>
      <section id="first">
        <Provided as="ann">
          <Status name="status" />
          <StaticDashboard id={dashboard} />
          <StaticDashboard id={dashboard} />
        </Provided>
      </section>
      <section id="second">
        <Provided as="bob">
          <Status name="other" />
          <StaticDashboard id={dashboard} />
        </Provided>
      </section>
    </>
  ),
};

const page = document.getElementById("page");
if (page) {
  createRoot(page).render(<StrictMode>{scenes[asked.get("scene") ?? "dashboard"]?.()}</StrictMode>);
}
