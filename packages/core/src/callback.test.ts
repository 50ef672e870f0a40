// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { finishSignIn } from "./callback.js";
import { browserPopups, channelName, keptUnder, type Kept } from "./popups.js";

const kept: Kept = {
  server: "https://oriel.test",
  state: "s-1",
  verifier: "v-1",
  page: "https://page.test/figures?tab=2",
};
const answer = { type: "ORIEL_AUTH", state: "s-1", code: "code-1" };

/** The callback page with what stands in its address. */
function at(fragment: Record<string, string>): void {
  history.replaceState(null, "", `/done?scene=x#${new URLSearchParams(fragment).toString()}`);
}

/** What tabs of this origin keep. */
const stored = () => JSON.parse(sessionStorage.getItem(keptUnder) ?? "null") as unknown;

let heard: unknown[];
let channel: BroadcastChannel;
const closes = vi.fn();
const goes = vi.fn();

beforeEach(() => {
  (window as unknown as { happyDOM: { setURL(url: string): void } }).happyDOM.setURL(
    "https://page.test/done",
  );
  sessionStorage.clear();
  heard = [];
  channel = new BroadcastChannel(channelName);
  channel.onmessage = (event) => heard.push(event.data);
  vi.spyOn(window, "close").mockImplementation(closes);
  vi.spyOn(location, "replace").mockImplementation(goes);
});
afterEach(() => {
  channel.close();
  vi.restoreAllMocks();
  closes.mockClear();
  goes.mockClear();
});

/** Long enough for a broadcast. */
const moment = () => new Promise((done) => setTimeout(done, 50));

describe("the callback page", () => {
  test("passes on what came to a popup, takes it out of the address, and closes", async () => {
    at(answer);
    expect(finishSignIn()).toBe(true);
    expect(location.href).toBe("https://page.test/done?scene=x");
    await vi.waitFor(() => expect(heard).toEqual([answer]));
    expect(closes).toHaveBeenCalledOnce();
    expect(goes).not.toHaveBeenCalled();
    expect(stored()).toBeNull();
  });

  test.each([
    ["of another type", { ...answer, type: "OTHER" }],
    ["without a state", { type: "ORIEL_AUTH", code: "code-1" }],
    ["without anything", {}],
  ])("leaves a fragment %s alone", async (_, fragment: Record<string, string>) => {
    sessionStorage.setItem(keptUnder, JSON.stringify(kept));
    at(fragment);
    const before = location.href;
    expect(finishSignIn()).toBe(false);
    expect(location.href).toBe(before);
    await moment();
    expect(heard).toEqual([]);
    expect(closes).not.toHaveBeenCalled();
    expect(stored()).toEqual(kept);
  });

  test("takes a page that left back to where it was, without telling other tabs", async () => {
    sessionStorage.setItem(keptUnder, JSON.stringify(kept));
    at(answer);
    expect(finishSignIn()).toBe(true);
    expect(location.href).not.toContain("code");
    expect(goes).toHaveBeenCalledExactlyOnceWith(kept.page);
    expect(stored()).toEqual({ ...kept, answer });
    await moment();
    expect(heard).toEqual([]);
    expect(closes).not.toHaveBeenCalled();
  });

  test("puts nothing of a stranger's link in a page's way back", async () => {
    sessionStorage.setItem(keptUnder, JSON.stringify(kept));
    at({ ...answer, state: "of-the-attacker", code: "code-of-the-attacker" });
    finishSignIn();
    expect(stored()).toEqual(kept);
    expect(goes).not.toHaveBeenCalled();
    expect(browserPopups.returned(kept.server)).toBeUndefined();
  });

  test("works where a browser keeps nothing", async () => {
    vi.spyOn(Storage.prototype, "getItem").mockImplementation(() => {
      throw new DOMException("no storage here", "SecurityError");
    });
    at(answer);
    expect(finishSignIn()).toBe(true);
    await vi.waitFor(() => expect(heard).toEqual([answer]));
  });
});

describe("a page that is back", () => {
  test("finds what it came with once", () => {
    sessionStorage.setItem(keptUnder, JSON.stringify({ ...kept, answer }));
    expect(browserPopups.returned(kept.server)).toEqual({ ...kept, answer });
    expect(sessionStorage).toHaveLength(0);
    expect(browserPopups.returned(kept.server)).toBeUndefined();
  });

  test("gives it to no other server that the page has figures of", () => {
    sessionStorage.setItem(keptUnder, JSON.stringify({ ...kept, answer }));
    expect(browserPopups.returned("https://other.test")).toBeUndefined();
    expect(browserPopups.returned(kept.server)).toEqual({ ...kept, answer });
  });

  test.each([
    ["that came back empty", JSON.stringify(kept)],
    ["with no verifier", JSON.stringify({ ...kept, verifier: undefined, answer })],
    ["with no state", JSON.stringify({ ...kept, state: 1, answer })],
    ["with what isn't JSON", "{"],
  ])("one %s finds nothing", (_, text) => {
    sessionStorage.setItem(keptUnder, text);
    expect(browserPopups.returned(kept.server)).toBeUndefined();
  });
});

describe("the browser's own", () => {
  test("a page that leaves keeps what it needs before it goes", () => {
    const assign = vi.spyOn(location, "assign").mockImplementation(() => {
      expect(stored()).toEqual(kept);
    });
    browserPopups.leave("https://oriel.test/start", kept);
    expect(assign).toHaveBeenCalledExactlyOnceWith("https://oriel.test/start");
  });

  test("state and verifier are 256 bits that never repeat, in base64url", () => {
    const [one, two] = [browserPopups.random(), browserPopups.random()];
    expect(one).toMatch(/^[\w-]{43}$/);
    expect(one).not.toBe(two);
  });

  test("the challenge is S256, by the example of RFC 7636", async () => {
    expect(await browserPopups.challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")).toBe(
      "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    );
  });

  test("a page without cryptography of its own is told what it needs", async () => {
    vi.stubGlobal("crypto", {});
    await expect(browserPopups.challenge("v")).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    vi.unstubAllGlobals();
  });

  test("each window is a new one, and keeps the page that opened it", () => {
    const open = vi.spyOn(window, "open").mockReturnValue(null);
    expect(browserPopups.open("https://oriel.test/start")).toBeUndefined();
    expect(open.mock.lastCall?.[1]).toBe("_blank");
    expect(open.mock.lastCall?.[2]).not.toMatch(/noopener|noreferrer/);
  });

  test("who stops listening hears nothing more", async () => {
    const hear = vi.fn();
    const stops = [browserPopups.onMessage(hear), browserPopups.onBroadcast(hear)];
    for (const stop of stops) stop();
    window.dispatchEvent(new MessageEvent("message", { data: answer }));
    channel.postMessage(answer);
    await moment();
    expect(hear).not.toHaveBeenCalled();
  });
});
