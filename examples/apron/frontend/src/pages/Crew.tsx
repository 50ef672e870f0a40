import { airportOf } from "../content.js";
import { Initials } from "../Mark.js";

/** Who is on the ramp. */
export function Crew({ airport }: { airport: string }) {
  return (
    <>
      <header className="heading">
        <div>
          <h1>Crew</h1>
          <p className="quiet">Teams of the running shift</p>
        </div>
      </header>
      <ul className="teams">
        {airportOf(airport).teams.map((team) => (
          <li key={team.name} className="panel">
            <h2>{team.name}</h2>
            <p className="quiet">{team.area}</p>
            <ul className="members">
              {team.people.map((name) => (
                <li key={name}>
                  <Initials name={name} />
                  {name}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </>
  );
}
