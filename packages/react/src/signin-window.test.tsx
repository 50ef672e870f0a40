// @vitest-environment happy-dom
import { act } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { SignedOut, StaticDashboard, StaticQuestion } from "./index.js";
import { button, click, exchange, page, pass, show, text, world } from "./testing/page.js";

afterEach(() => vi.restoreAllMocks());

/** Waits until what is loaded when it is needed is there. */
const settled = (words: string) =>
  vi.waitFor(async () => {
    await pass(10);
    expect(text()).toContain(words);
  });

/** A browser that opens windows; gives the address of the last. */
function windows(open = true) {
  const other = { closed: false, close: vi.fn() } as unknown as Window;
  const opens = vi.spyOn(window, "open").mockReturnValue(open ? other : null);
  const says = (data: object) =>
    act(async () => {
      const address = new URL(String(opens.mock.lastCall?.[0]));
      const message = new MessageEvent("message", {
        data: { type: "ORIEL_AUTH", state: address.searchParams.get("state"), ...data },
        origin: world.server,
        source: other as never,
      });
      window.dispatchEvent(message);
      await vi.advanceTimersByTimeAsync(20);
    });
  return { opens, says };
}

test("a card asks for the click, tells of the other window, and gives way to the figures", async () => {
  world.offerSAML();
  const { opens, says } = windows();
  await show(<StaticDashboard id="operations" />);
  await settled("Sign in to see your figures");
  expect(page.querySelector("[role=status]")?.textContent).toContain("Sign in");
  expect(opens).not.toHaveBeenCalled();
  await click(button("Sign in"));
  expect(opens).toHaveBeenCalledOnce();
  expect(text()).toContain("Go on in the other window");
  await says({ code: "code-1" });
  await settled("Operations");
  expect(world.count(exchange)).toBe(1);
});

test("the card says why the last window failed, with the attempt's reference and the code's page", async () => {
  world.offerSAML();
  const { says } = windows();
  await show(<StaticQuestion id="departures" />);
  await settled("Sign in to see your figures");
  await click(button("Sign in"));
  await says({ error: "idp_refused", request_id: "XK7-4QF" });
  await settled("XK7-4QF");
  const card = page.querySelector("[role=alert]");
  expect(card?.textContent).toContain("let you in");
  expect(card?.querySelector("a")?.href).toContain("idp_refused");
});

test("a host's own notice and gate get what they need to sign in by a click", async () => {
  world.offerSAML();
  const { opens } = windows(false);
  await show(
    <>
      <SignedOut>
        {({ by, error, signIn }) => <button onClick={signIn}>{`gate ${by} ${error?.code ?? ""}`}</button>}
      </SignedOut>
      <StaticQuestion
        id="departures"
        error={({ error, retry }) => <button onClick={retry}>own {error.code}</button>}
      />
    </>,
  );
  await settled("own not_authenticated");
  await click(button("own"));
  await settled("own POPUP_BLOCKED");
  await click(button("gate nobody POPUP_BLOCKED"));
  expect(opens).toHaveBeenCalledTimes(2);
});
