// @vitest-environment happy-dom
import { expect, test, vi } from "vitest";
import { surroundings } from "./environment.js";

test("the page wakes when it becomes visible and when the network returns, until nobody listens", () => {
  const signs: string[] = [];
  const stop = surroundings.onWake((sign) => signs.push(sign));
  const visibility = vi.spyOn(document, "visibilityState", "get");
  visibility.mockReturnValue("hidden");
  document.dispatchEvent(new Event("visibilitychange"));
  visibility.mockReturnValue("visible");
  document.dispatchEvent(new Event("visibilitychange"));
  globalThis.dispatchEvent(new Event("online"));
  expect(signs).toEqual(["visible", "online"]);
  stop();
  document.dispatchEvent(new Event("visibilitychange"));
  globalThis.dispatchEvent(new Event("online"));
  expect(signs).toHaveLength(2);
});
