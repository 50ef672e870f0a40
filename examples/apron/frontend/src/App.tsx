import { useCallback, useEffect, useState } from "react";
import { connect, loadConfig, type Backend, type Config, type Person } from "./backend.js";
import { forgetFilters } from "./filters.js";
import { Portal } from "./Portal.js";
import { SignIn } from "./SignIn.js";

interface Connected {
  config: Config;
  backend: Backend;
}

type Page =
  | { state: "starting" }
  | { state: "failed"; reason: string }
  | { state: "signed-out"; people: Person[] }
  | { state: "signed-in"; person: Person };

export function App() {
  const [connected, setConnected] = useState<Connected>();
  const [page, setPage] = useState<Page>({ state: "starting" });

  useEffect(() => {
    loadConfig().then(
      (config) => setConnected({ config, backend: connect(config) }),
      (error: unknown) => setPage({ state: "failed", reason: String(error) }),
    );
  }, []);

  const refresh = useCallback(async () => {
    if (!connected) return;
    try {
      const person = await connected.backend.me();
      setPage(
        person
          ? { state: "signed-in", person }
          : { state: "signed-out", people: await connected.backend.people() },
      );
    } catch (error) {
      setPage({ state: "failed", reason: error instanceof Error ? error.message : String(error) });
    }
  }, [connected]);

  useEffect(() => void refresh(), [refresh]);

  // Someone may have signed out, or in as somebody else, in another tab.
  useEffect(() => {
    const onVisible = () => document.visibilityState === "visible" && void refresh();
    document.addEventListener("visibilitychange", onVisible);
    return () => document.removeEventListener("visibilitychange", onVisible);
  }, [refresh]);

  if (page.state === "failed") {
    return (
      <main className="failed" role="alert">
        <h1>Apron can’t be reached</h1>
        <p>{page.reason}</p>
        <button type="button" className="button" onClick={() => location.reload()}>
          Try again
        </button>
      </main>
    );
  }
  if (page.state === "starting" || !connected) return <main className="starting" aria-busy="true" />;

  const { backend, config } = connected;
  if (page.state === "signed-out") {
    return <SignIn people={page.people} onChoose={(person) => backend.signIn(person.id).then(refresh)} />;
  }
  // The key drops everything of the former person when another one signs in.
  return (
    <Portal
      key={page.person.id}
      person={page.person}
      oriel={config.oriel}
      onSignOut={async () => {
        await backend.signOut();
        forgetFilters(page.person.id);
        await refresh();
      }}
    />
  );
}
