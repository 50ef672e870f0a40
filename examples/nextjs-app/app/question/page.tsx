import { redirect } from "next/navigation";
import { prefetched } from "../../lib/oriel";
import { signedIn } from "../../lib/people";
import { Prefetched, StaticQuestion } from "../figures";

const id = "departures-per-day";

export default async function Question() {
  const person = await signedIn();
  if (!person) redirect("/");
  const state = await prefetched(person, (oriel) => oriel.prefetchQuestion(id));
  return (
    <>
      <h1>Each day</h1>
      <Prefetched state={state}>
        <StaticQuestion id={id} height={420} />
      </Prefetched>
    </>
  );
}
