import { startStack } from "../../scripts/stack.mjs";

export { root } from "../../scripts/stack.mjs";
export { startStack };
export type Stack = Awaited<ReturnType<typeof startStack>>;
