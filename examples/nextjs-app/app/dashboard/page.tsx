import { redirect } from "next/navigation";
import { prefetched } from "../../lib/oriel";
import { signedIn } from "../../lib/people";
import { Prefetched, StaticDashboard } from "../figures";

const id = "airport-operations";

export default async function Dashboard() {
  const person = await signedIn();
  if (!person) redirect("/");
  const state = await prefetched(person, (oriel) => oriel.prefetchDashboard(id));
  return (
    <>
      <h1>Your airport</h1>
      <Prefetched state={state}>
        <StaticDashboard id={id} />
      </Prefetched>
    </>
  );
}
