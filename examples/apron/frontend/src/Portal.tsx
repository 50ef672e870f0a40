import { useEffect, useState } from "react";
import type { Person } from "./backend.js";
import { Initials, Logo, Mark } from "./Mark.js";
import { Crew } from "./pages/Crew.js";
import { Gates } from "./pages/Gates.js";
import { Messages } from "./pages/Messages.js";
import { Overview } from "./pages/Overview.js";

const sections = [
  { path: "overview", name: "Overview" },
  { path: "gates", name: "Gates" },
  { path: "crew", name: "Crew" },
  { path: "messages", name: "Messages" },
] as const;

type Section = (typeof sections)[number]["path"];

interface Props {
  person: Person;
  oriel: string;
  onSignOut: () => Promise<void>;
}

/** The product around the dashboard: bar, navigation and one section. */
export function Portal({ person, oriel, onSignOut }: Props) {
  const section = useSection();
  const name = sections.find((each) => each.path === section)?.name;

  useEffect(() => {
    document.title = `${name} · ${person.customer.name} · Apron`;
    return () => void (document.title = "Apron");
  }, [name, person]);

  return (
    <div className="portal">
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="bar">
        <a className="wordmark" href="#/overview">
          <Mark /> Apron
        </a>
        <p className="customer">
          <Logo code={person.airport} color={person.customer.color} />
          <span>{person.customer.name}</span>
        </p>
        <PersonMenu person={person} onSignOut={onSignOut} />
      </header>
      <nav className="sections" aria-label="Sections">
        <div className="sections-body">
          <ul>
            {sections.map((each) => (
              <li key={each.path}>
                <a href={`#/${each.path}`} aria-current={each.path === section ? "page" : undefined}>
                  <Icon section={each.path} />
                  {each.name}
                </a>
              </li>
            ))}
          </ul>
          <p className="duty">
            <span className="quiet">Duty desk</span>
            <span>ext. 4410</span>
          </p>
        </div>
      </nav>
      <main id="main" tabIndex={-1}>
        {section === "overview" && <Overview person={person} oriel={oriel} />}
        {section === "gates" && <Gates airport={person.airport} />}
        {section === "crew" && <Crew airport={person.airport} />}
        {section === "messages" && <Messages airport={person.airport} />}
      </main>
    </div>
  );
}

function PersonMenu({ person, onSignOut }: Pick<Props, "person" | "onSignOut">) {
  const [leaving, setLeaving] = useState(false);
  return (
    <div className="whoami">
      <Initials name={person.name} />
      <span className="whoami-name">
        <strong>{person.name}</strong>
        <span className="quiet">{person.title}</span>
      </span>
      <button
        type="button"
        className="button"
        disabled={leaving}
        onClick={() => {
          setLeaving(true);
          onSignOut().catch(() => setLeaving(false));
        }}
      >
        Sign out
      </button>
    </div>
  );
}

function useSection(): Section {
  const [section, setSection] = useState<Section>(current);
  useEffect(() => {
    const onChange = () => setSection(current());
    window.addEventListener("hashchange", onChange);
    return () => window.removeEventListener("hashchange", onChange);
  }, []);
  return section;
}

function current(): Section {
  const path = location.hash.replace(/^#\//, "");
  return sections.find((each) => each.path === path)?.path ?? "overview";
}

const outlines: Record<Section, string> = {
  overview: "M3 3h6v8H3zM11 3h6v4h-6zM11 9h6v8h-6zM3 13h6v4H3z",
  gates: "M3 17V7l7-4 7 4v10M3 17h14M8 17v-5h4v5",
  crew: "M10 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM4 17c0-3.3 2.7-5.5 6-5.5s6 2.2 6 5.5",
  messages: "M3 4h14v10H9l-4 3v-3H3zM6.5 7.5h7M6.5 10.5h4",
};

function Icon({ section }: { section: Section }) {
  return (
    <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
      <path
        d={outlines[section]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinejoin="round"
      />
    </svg>
  );
}
