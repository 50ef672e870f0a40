// make demo: Oriel and Apron until Ctrl-C, then nothing is left.
import { startStack } from "./stack.mjs";

let starting;
let ending;

function end(status) {
  ending ??= (async () => {
    const stack = await starting?.catch(() => undefined); // one that failed has stopped itself
    await stack?.stop();
    process.exit(status);
  })();
  return ending;
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => void end(0));

// A make that was killed leaves us without a parent: end too.
const parent = process.ppid;
setInterval(() => process.ppid !== parent && void end(0), 1000).unref();

try {
  starting = startStack({
    ports: [7420, 7430, 7431],
    onDeath(name, words) {
      console.error(`demo: ${name} ended by itself. Its last words:\n${words}`);
      void end(1);
    },
  });
  const stack = await starting;
  const people = await (await fetch(`${stack.backend}/people.json`)).json();
  console.log(`Oriel  ${stack.oriel}`);
  console.log(`Apron  ${stack.apron}`);
  console.log(`Apron backend  ${stack.backend}`);
  console.log(`\nOpen ${stack.apron} and sign in as one of`);
  for (const person of people) {
    console.log(
      `  ${person.name}, ${[person.title, person.customer?.name ?? person.airport].filter(Boolean).join(", ")}`,
    );
  }
  console.log("\nCtrl-C ends all of it.");
} catch (error) {
  // What fails because it is being ended is no failure.
  if (!ending) console.error(`demo: ${error.message}`);
  await end(1);
}
