import { act, StrictMode, type ReactNode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, vi } from "vitest";
import { FakeWorld } from "@oriel/test-utils";
import { defineAuthConfig, OrielProvider } from "../index.js";

export const exchange = "POST /api/v1/session";
export const run = "POST /api/v1/dashboards/operations/run";

/** Each test has its own world, page and root. */
export let world: FakeWorld;
export let root: Root;
export let page: HTMLElement;

beforeEach(() => {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  world = new FakeWorld();
  page = document.createElement("div");
  document.body.append(page);
  root = createRoot(page);
});
afterEach(async () => {
  await act(async () => root.unmount());
  await pass(1);
  page.remove();
  vi.useRealTimers();
});

export const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

export const config = () => defineAuthConfig({ server: world.server, fetch: world.fetch });

export async function show(content: ReactNode) {
  await act(async () =>
    root.render(
      <StrictMode>
        <OrielProvider auth={config()}>{content}</OrielProvider>
      </StrictMode>,
    ),
  );
  await pass(20);
}

export const text = () => page.textContent ?? "";
export const one = <E extends HTMLElement>(selector: string) => {
  const found = page.querySelector<E>(selector);
  if (!found) throw new Error(`no ${selector} in: ${page.textContent}`);
  return found;
};
export const button = (name: string) => {
  const found = [...page.querySelectorAll("button")].find((each) =>
    (each.getAttribute("aria-label") ?? each.textContent).startsWith(name),
  );
  if (!found) throw new Error(`no button ${name}`);
  return found;
};
export const click = async (element: HTMLElement) => {
  await act(async () => element.click());
  await pass(20);
};
/** Puts a value into a field as a person's typing does. */
export const type = async (field: HTMLInputElement, value: string) => {
  await act(async () => {
    const setter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value")?.set;
    setter?.call(field, value);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  await pass(20);
};
export const dates = () => [...page.querySelectorAll<HTMLInputElement>("input[type=date]")];
export const bodies = () => world.calls.filter((call) => call.route === run).map((call) => call.body);
