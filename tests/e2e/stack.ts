import { freePorts, startStack } from "../../scripts/stack.mjs";

export { root } from "../../scripts/stack.mjs";
export { startStack };
export type Stack = Awaited<ReturnType<typeof startStack>>;

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const [port] = (await freePorts([0])) as number[];
  if (port === undefined) throw new Error("no port is free");
  return port;
}
