import { airportOf } from "../content.js";

/** Stands and what is on them. */
export function Gates({ airport }: { airport: string }) {
  return (
    <>
      <header className="heading">
        <div>
          <h1>Gates</h1>
          <p className="quiet">Stands, and what they are doing</p>
        </div>
      </header>
      <div className="panel scroll" tabIndex={0} role="region" aria-label="Gates">
        <table className="list">
          <thead>
            <tr>
              <th scope="col">Gate</th>
              <th scope="col">Terminal</th>
              <th scope="col">Aircraft</th>
              <th scope="col">State</th>
              <th scope="col">Ground power</th>
            </tr>
          </thead>
          <tbody>
            {airportOf(airport).gates.map((gate) => (
              <tr key={gate.name}>
                <th scope="row">{gate.name}</th>
                <td>{gate.terminal}</td>
                <td>{gate.aircraft ?? "–"}</td>
                <td>
                  <span className={`state state-${gate.state.toLowerCase()}`}>{gate.state}</span>
                </td>
                <td>{gate.power}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
