import { redirect } from "next/navigation";
import { people, signedIn } from "../lib/people";
import { enter } from "./actions";

export default async function SignIn() {
  if (await signedIn()) redirect("/dashboard");
  return (
    <form action={enter} className="people">
      <h1>Sign in</h1>
      {people.map((person) => (
        <button key={person.id} name="person" value={person.id}>
          {person.name}, {person.airport}
        </button>
      ))}
    </form>
  );
}
