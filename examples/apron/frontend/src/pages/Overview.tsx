import { defineAuthConfig, OrielProvider, StaticDashboard } from "@oriel/react";
import { useMemo } from "react";
import { useFilters } from "../filters.js";
import type { Person } from "../backend.js";
import { airportOf } from "../content.js";

/** The airport's day, with Oriel's dashboard in its middle. */
export function Overview({ person, oriel }: { person: Person; oriel: string }) {
  const auth = useMemo(() => defineAuthConfig({ server: oriel, subject: person.id }), [oriel, person.id]);
  const [filters, setFilters] = useFilters(person.id);
  const { notes, contacts, runways, wind } = airportOf(person.airport);

  return (
    <>
      <header className="heading">
        <div>
          <h1>Overview</h1>
          <p className="quiet">{person.customer.name} · morning shift</p>
        </div>
        <dl className="facts">
          <div>
            <dt>Runways in use</dt>
            <dd>{runways}</dd>
          </div>
          <div>
            <dt>Wind</dt>
            <dd>{wind}</dd>
          </div>
          <div>
            <dt>Ramp</dt>
            <dd>
              <span className="dot" aria-hidden="true" /> Open
            </dd>
          </div>
        </dl>
      </header>

      <div className="analytics">
        <OrielProvider auth={auth}>
          <StaticDashboard id="airport-operations" defaultParams={filters} onParamsChange={setFilters} />
        </OrielProvider>
      </div>

      <div className="beside">
        <section className="panel" aria-labelledby="notes">
          <h2 id="notes">Shift notes</h2>
          <ul className="notes">
            {notes.map((note) => (
              <li key={note.text}>
                <span className="quiet">{note.time}</span>
                <span>{note.text}</span>
              </li>
            ))}
          </ul>
        </section>
        <section className="panel" aria-labelledby="contacts">
          <h2 id="contacts">On shift</h2>
          <ul className="contacts">
            {contacts.map((contact) => (
              <li key={contact.duty}>
                <span>
                  {contact.name}
                  <span className="quiet">{contact.duty}</span>
                </span>
                <span className="quiet">ext. {contact.extension}</span>
              </li>
            ))}
          </ul>
        </section>
      </div>
    </>
  );
}
