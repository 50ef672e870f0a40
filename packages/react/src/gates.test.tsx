// @vitest-environment happy-dom
import { act } from "react";
import { describe, expect, test } from "vitest";
import { json, ndjson, problem, sampleDashboard } from "@oriel/test-utils";
import {
  AuthFailed,
  AuthPending,
  Authenticated,
  SignedOut,
  StaticDashboard,
  StaticQuestion,
  useAuth,
} from "./index.js";
import { button, click, exchange, page, pass, run, show, text, type, dates, world } from "./testing/page.js";

const question = "POST /api/v1/questions/departures/run";

describe("gates", () => {
  const Leave = () => {
    const { signOut } = useAuth();
    return <button onClick={signOut}>Leave</button>;
  };
  const gates = (
    <main>
      <Leave />
      <Authenticated>{(user) => <p>in as {user.name}</p>}</Authenticated>
      <AuthPending>
        <p>pending</p>
      </AuthPending>
      <AuthFailed>
        {({ error, retry }) => <button onClick={retry}>failed with {error.code}</button>}
      </AuthFailed>
      <SignedOut>
        {({ by, error, signIn }) => (
          <button onClick={signIn}>
            out by {by} {error?.code}
          </button>
        )}
      </SignedOut>
    </main>
  );
  /** Exactly one gate is open at any time. */
  const open = () => {
    const shown = [...page.querySelectorAll("main > :not(:first-child)")].map((each) => each.textContent);
    expect(shown).toHaveLength(1);
    return shown[0]?.trim();
  };

  test("show who is in, through renewals, and who is out and why", async () => {
    let answer: (response: Response) => void = () => undefined;
    world.answers[exchange] = () =>
      new Promise<Response>((resolve) => {
        answer = resolve;
      });
    await show(gates);
    expect(open()).toBe("pending");
    await act(async () => answer(world.session()));
    expect(open()).toBe("in as Kim");
    await pass(8.2 * 60_000);
    expect(open()).toBe("in as Kim");
    await act(async () => answer(problem(500, "internal")));
    expect(open()).toBe("in as Kim");
    await click(button("Leave"));
    expect(open()).toBe("out by user");
    await click(button("out by"));
    expect(open()).toBe("pending");
    await act(async () => answer(problem(403, "user_deactivated")));
    expect(open()).toBe("out by server user_deactivated");
  });

  test("a failure stays while it is tried again, and goes when that succeeds", async () => {
    const given = world.answers["GET /sso"]!;
    world.answers["GET /sso"] = () => json({}, 500);
    await show(gates);
    expect(open()).toBe("failed with HOST_STATUS");
    let answer: (response: Response) => void = () => undefined;
    world.answers["GET /sso"] = () =>
      new Promise<Response>((resolve) => {
        answer = resolve;
      });
    await click(button("failed"));
    expect(open()).toBe("failed with HOST_STATUS");
    const token = await given(world.calls[0]!);
    await act(async () => answer(token));
    await pass(20);
    expect(open()).toBe("in as Kim");
  });

  test("without network nobody is told of a failure", async () => {
    world.isOnline = false;
    const online = Object.getOwnPropertyDescriptor(Navigator.prototype, "onLine");
    Object.defineProperty(navigator, "onLine", { configurable: true, get: () => false });
    world.answers["GET /sso"] = () => {
      throw new TypeError("failed");
    };
    await show(gates);
    expect(open()).toBe("pending");
    if (online) Object.defineProperty(navigator, "onLine", online);
    else Reflect.deleteProperty(navigator, "onLine");
  });

  test("outside of the provider they say what to do", async () => {
    const { renderToString } = await import("react-dom/server");
    expect(() => renderToString(<Authenticated />)).toThrow("outside of <OrielProvider>");
  });
});

describe("slots", () => {
  const slots = {
    loader: <p>my loader</p>,
    empty: <p>my nothing</p>,
    error: ({ error, retry }: { error: { code: string }; retry: () => void }) => (
      <button onClick={retry}>my error {error.code}</button>
    ),
  };

  test("a question's loader, error and empty are the host's", async () => {
    const good = world.answers[question]!;
    let answer: (response: Response) => void = () => undefined;
    world.answers[question] = () =>
      new Promise<Response>((resolve) => {
        answer = resolve;
      });
    await show(<StaticQuestion id="departures" {...slots} />);
    expect(text()).toContain("my loader");
    expect(text()).not.toContain("Loading");
    await act(async () => answer(problem(422, "query_failed")));
    await pass(20);
    expect(text()).toContain("my error query_failed");
    const whole = await (await good(world.calls[0]!)).json();
    await click(button("my error"));
    whole.result.values = [[], []];
    whole.result.row_count = 0;
    await act(async () => answer(json(whole)));
    await pass(20);
    expect(text()).toContain("Departures");
    expect(text()).toContain("my nothing");
    expect(page.querySelector(".oriel-bone")).toBeNull();
  });

  test("so are a dashboard's", async () => {
    let answer: (response: Response) => void = () => undefined;
    world.answers[run] = () =>
      new Promise<Response>((resolve) => {
        answer = resolve;
      });
    await show(<StaticDashboard id="operations" {...slots} />);
    expect(text()).toContain("my loader");
    await act(async () => answer(ndjson([{ ...sampleDashboard, cards: [] }, { type: "end" }])));
    await pass(20);
    expect(text()).toContain("my nothing");
    world.answers[run] = () => problem(500, "internal");
    await type(dates()[0]!, "2001-01-01");
    await type(dates()[1]!, "2001-01-31");
    expect(text()).toContain("my error internal");
    expect(text()).toContain("Operations");
  });

  test("whom Oriel shuts out meets the host's error too", async () => {
    world.answers[question] = () => problem(403, "tenant_deactivated");
    await show(<StaticQuestion id="departures" {...slots} />);
    expect(text()).toContain("my error tenant_deactivated");
  });
});
