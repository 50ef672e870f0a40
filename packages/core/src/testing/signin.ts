import { afterEach, beforeEach, vi } from "vitest";
import { FakeWorld } from "@oriel/test-utils";
import { createClient, OrielError, type ClientOptions } from "../index.js";

export const exchange = "POST /api/v1/session";
export const endpoint = "GET /sso";
export const run = "POST /api/v1/questions/departures/run";

/** Each test has its own world, with its own clock. */
export let world: FakeWorld;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  world = new FakeWorld();
});
afterEach(() => {
  vi.useRealTimers();
});

export function client(options: Partial<ClientOptions> = {}) {
  return createClient(
    {
      server: world.server,
      auth: { type: "endpoint", url: world.host },
      ...options,
    },
    world.environment(),
  );
}

export async function failure(promise: Promise<unknown>): Promise<OrielError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!OrielError.is(error)) throw new Error(`no OrielError: ${String(error)}`);
  return error;
}

export const minutes = (count: number) => vi.advanceTimersByTimeAsync(count * 60_000);
export const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1000);
