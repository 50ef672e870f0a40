import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { adviceFor } from "./codes.js";
import { OrielError, type SdkCode } from "./index.js";

const own: Record<SdkCode, true> = {
  CONFIG_INVALID: true,
  HOST_UNREACHABLE: true,
  HOST_STATUS: true,
  HOST_SHAPE: true,
  POPUP_BLOCKED: true,
  POPUP_CLOSED: true,
  POPUP_ORIGIN: true,
  POPUP_TIMEOUT: true,
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

test("a page that may not embed is told which origin to add, and one without an origin what else to do", () => {
  const was = globalThis.location;
  const at = (origin: string | undefined) => {
    Object.defineProperty(globalThis, "location", { value: origin && { origin }, configurable: true });
    return adviceFor("origin_not_allowed");
  };
  try {
    expect(at("https://app.example.com")).toBe(
      "Add https://app.example.com to Oriel's list of authorized origins.",
    );
    expect(adviceFor("HOST_UNREACHABLE")).toContain(
      "that it allows https://app.example.com with credentials",
    );
    expect(at("null")).toMatch(/^Show this page from an address of its own/);
    expect(at(undefined)).toBe("Add this page's origin to Oriel's list of authorized origins.");
  } finally {
    Object.defineProperty(globalThis, "location", { value: was, configurable: true });
  }
});
