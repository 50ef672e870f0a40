import { useState } from "react";
import type { Person } from "./backend.js";
import { Initials, Logo, Mark } from "./Mark.js";

interface Props {
  people: Person[];
  onChoose: (person: Person) => Promise<void>;
}

/** Sign-in by choosing a person, in place of a password: this is a demo's product. */
export function SignIn({ people, onChoose }: Props) {
  const [chosen, setChosen] = useState<string>();
  const [failure, setFailure] = useState<string>();

  const choose = async (person: Person) => {
    setChosen(person.id);
    setFailure(undefined);
    try {
      await onChoose(person);
    } catch (error) {
      setChosen(undefined);
      setFailure(error instanceof Error ? error.message : String(error));
    }
  };

  return (
    <div className="signin">
      <aside className="signin-brand">
        <p className="wordmark">
          <Mark /> Apron
        </p>
        <Stand />
        <div className="signin-claim">
          <p>Every stand, crew and departure of your airport on one page.</p>
          <p className="quiet">The operations portal for airports</p>
        </div>
      </aside>
      <main className="signin-form">
        <h1>Sign in</h1>
        <p className="quiet">Choose who you are. Each airport sees its own departures and strikes only.</p>
        {failure && (
          <p className="notice" role="alert">
            {failure}
          </p>
        )}
        {airports(people).map(([airport, staff]) => (
          <section key={airport} aria-labelledby={`airport-${airport}`}>
            <h2 id={`airport-${airport}`}>
              <Logo code={airport} color={staff[0]?.customer.color ?? "#555"} />
              {staff[0]?.customer.name ?? airport}
            </h2>
            <ul>
              {staff.map((person) => (
                <li key={person.id}>
                  <button
                    type="button"
                    className="person"
                    data-person={person.id}
                    disabled={chosen !== undefined}
                    aria-busy={chosen === person.id}
                    onClick={() => void choose(person)}
                  >
                    <Initials name={person.name} />
                    <span>
                      <strong>{person.name}</strong>
                      <span className="quiet">{person.title}</span>
                    </span>
                    <svg className="arrow" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                      <path d="M3 8h9M8.5 4.5 12 8l-3.5 3.5" fill="none" stroke="currentColor" />
                    </svg>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        ))}
        <p className="quiet small">Apron is a fictional product: it shows how Oriel sits inside yours.</p>
      </main>
    </div>
  );
}

function airports(people: Person[]): [string, Person[]][] {
  const found = new Map<string, Person[]>();
  for (const person of people) found.set(person.airport, [...(found.get(person.airport) ?? []), person]);
  return [...found];
}

/** A stand from above: lead-in lines, stop bars and the aircraft's place. */
function Stand() {
  return (
    <svg className="stand" viewBox="0 0 480 420" preserveAspectRatio="xMidYMax slice" aria-hidden="true">
      <g fill="none" strokeLinecap="round">
        <path className="stand-edge" d="M-20 330H500M-20 342H500" />
        {[40, 200, 360].map((x) => (
          <g key={x} transform={`translate(${x} 0)`}>
            <path className="stand-lead" d="M-60 330c90 0 100-50 100-120V96" />
            <path className="stand-stop" d="M14 96h52M24 118h32" />
            <path className="stand-box" d="M-30 60V250M110 60V250" />
            <path
              className="stand-plane"
              d="M40 52c7 0 9 14 9 24v36l58 38v14l-58-18v48l17 14v10l-26-8-26 8v-10l17-14v-48l-58 18v-14l58-38V76c0-10 2-24 9-24z"
            />
          </g>
        ))}
      </g>
    </svg>
  );
}
