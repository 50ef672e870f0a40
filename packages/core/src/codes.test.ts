import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { OrielError, type SdkCode } from "./index.js";

const own: Record<SdkCode, true> = {
  CONFIG_INVALID: true,
  HOST_UNREACHABLE: true,
  HOST_STATUS: true,
  HOST_SHAPE: true,
  CLOCK_SKEW: true,
  NETWORK: true,
  TIMEOUT: true,
  VERSION: true,
};

test.each(Object.keys(own) as SdkCode[])("%s says what to do, and its page is there", (code) => {
  const error = new OrielError({ code, message: "It failed." });
  expect(error.advice).toMatch(/\.$/);
  const page = error.docs.slice(error.docs.indexOf("docs/errors/"));
  expect(existsSync(fileURLToPath(new URL(`../../../${page}`, import.meta.url)))).toBe(true);
});

test("OrielError.is asks for the class, and for the code when one is given", () => {
  const error: unknown = new OrielError({ code: "NETWORK", message: "It failed." });
  expect(OrielError.is(error)).toBe(true);
  expect(OrielError.is(error, "NETWORK")).toBe(true);
  expect(OrielError.is(error, "TIMEOUT")).toBe(false);
  expect(OrielError.is(new Error("NETWORK"))).toBe(false);
});
