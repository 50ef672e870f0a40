// A server that is killed in the middle of sign-ins loses none that it
// answered, and accepts no token twice.
import { afterAll, beforeAll, expect, it } from "vitest";
import { call, exchange } from "./api.js";
import { hostToken } from "./hosttoken.js";
import { startStack, type Stack } from "./stack.js";

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ apron: false });
});
afterAll(() => stack?.stop());

it("SIGKILL loses no answered sign-in and lets no replay through", async () => {
  const rounds = 3;
  for (let round = 0; round < rounds; round++) {
    const answered: { jwt: string; session: string }[] = [];
    const unanswered: string[] = [];
    let killed = false;

    const person = async (n: number) => {
      for (let i = 0; !killed; i++) {
        const name = `r${round}-p${n}-${i}`;
        const jwt = hostToken(stack, { sub: name, email: `${name}@dfw.example` });
        try {
          const answer = await exchange(stack, jwt);
          expect([answer.status, answer.code]).toEqual([200, undefined]);
          answered.push({ jwt, session: answer.body.token });
        } catch (error) {
          if (!killed) throw error;
          unanswered.push(jwt);
        }
      }
    };
    const people = Array.from({ length: 12 }, (_, n) => person(n));
    await until(() => answered.length > 40);
    killed = true;
    await stack.endOriel("SIGKILL");
    await Promise.all(people);
    await stack.startOriel();

    expect(answered.length).toBeGreaterThan(40);
    for (const { session, jwt } of answered) {
      const who = await call(stack, "/api/v1/session", { token: session });
      expect([who.status, who.code]).toEqual([200, undefined]);
      const replay = await exchange(stack, jwt);
      expect([replay.status, replay.code]).toEqual([401, "token_replayed"]);
    }
    for (const jwt of unanswered) {
      const tries = [await exchange(stack, jwt), await exchange(stack, jwt)].map((answer) => answer.status);
      expect(tries.filter((status) => status === 200).length).toBeLessThan(2);
    }
  }
});

async function until(done: () => boolean): Promise<void> {
  const limit = Date.now() + 20_000;
  while (!done()) {
    if (Date.now() > limit) throw new Error("no sign-ins were answered within 20 s");
    await new Promise((wake) => setTimeout(wake, 5));
  }
}
