import { airportOf } from "../content.js";
import { Initials } from "../Mark.js";

/** What the desks wrote to each other. */
export function Messages({ airport }: { airport: string }) {
  return (
    <>
      <header className="heading">
        <div>
          <h1>Messages</h1>
          <p className="quiet">From the desks, newest first</p>
        </div>
      </header>
      <ul className="panel messages">
        {airportOf(airport).messages.map((message) => (
          <li key={message.text}>
            <Initials name={message.from} />
            <div>
              <p>
                <strong>{message.from}</strong> <span className="quiet">{message.time}</span>
              </p>
              <p>{message.text}</p>
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
