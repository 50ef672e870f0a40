// @vitest-environment happy-dom
import { act } from "react";
import { hydrateRoot, type Root } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { describe, expect, test, vi } from "vitest";
import { json, problem } from "@oriel/test-utils";
import {
  defineAuthConfig,
  OrielProvider,
  StaticDashboard,
  StaticQuestion,
  useAuthStatus,
  useQuestion,
  useUser,
} from "./index.js";
import {
  button,
  click,
  config,
  exchange,
  one,
  page,
  pass,
  root,
  run,
  show,
  text,
  world,
} from "./testing/page.js";

describe("OrielProvider", () => {
  test("makes one exchange under StrictMode, for several dashboards and questions", async () => {
    await show(
      <>
        <StaticDashboard id="operations" />
        <StaticDashboard id="operations" />
        <StaticQuestion id="departures" />
      </>,
    );
    expect(world.count("GET /auth/sso")).toBe(1);
    expect(world.count("GET /sso")).toBe(1);
    expect(world.count(exchange)).toBe(1);
    expect(world.count(run)).toBe(1);
    expect(world.count("POST /api/v1/questions/departures/run")).toBe(1);
  });

  test("a new config of the same server starts nothing (rule 10)", async () => {
    await show(<StaticDashboard id="operations" />);
    await show(<StaticDashboard id="operations" />);
    expect(world.count(exchange)).toBe(1);
    expect(world.count(run)).toBe(1);
  });

  test("leaving the page stops renewing", async () => {
    await show(<StaticDashboard id="operations" />);
    await act(async () => root.render(null));
    await pass(60 * 60_000);
    expect(world.count(exchange)).toBe(1);
  });

  test("on a server nothing is fetched, and the skeleton stands", async () => {
    const html = renderToString(
      <OrielProvider auth={config()} nonce="n0nce">
        <StaticDashboard id="operations" />
        <StaticQuestion id="departures" />
      </OrielProvider>,
    );
    await pass(1000);
    expect(world.calls).toEqual([]);
    expect(html).toContain("oriel-skeleton");
    expect(html).toContain('<style nonce="n0nce">@layer oriel{');
  });

  test("what a server rendered is taken over as it stands", async () => {
    const complaints = vi.spyOn(console, "error");
    const content = (
      <OrielProvider auth={config()}>
        <StaticDashboard id="operations" />
      </OrielProvider>
    );
    const place = document.createElement("div");
    place.append(document.createRange().createContextualFragment(renderToString(content)));
    document.body.append(place);
    let taken: Root | undefined;
    await act(async () => {
      taken = hydrateRoot(place, content);
    });
    await pass(20);
    expect(complaints).not.toHaveBeenCalled();
    expect(place.querySelector("h2")?.textContent).toBe("Operations");
    expect(world.count(exchange)).toBe(1);
    await act(async () => taken?.unmount());
    place.remove();
    vi.restoreAllMocks();
  });

  test("every style stands in the layer, under .oriel", async () => {
    await show(null);
    const css = one("style").textContent;
    expect(css.startsWith("@layer oriel{")).toBe(true);
    const selectors = css
      .slice("@layer oriel{".length)
      .replace(/@(media|container)[^{]*\{/g, "")
      .replace(/@keyframes[^{]*\{[^{]*\{[^}]*\}\}/g, "")
      .matchAll(/(?:^|\}|\n)\s*([^{}@]+)\{/g);
    const all = [...selectors].map((match) => match[1]!.trim());
    expect(all.length).toBeGreaterThan(50);
    for (const selector of all) expect(selector).toMatch(/^\.oriel\b/);
  });
});

describe("hooks", () => {
  test.each([
    ["useAuthStatus", () => useAuthStatus()],
    ["useQuestion", () => useQuestion("departures")],
  ])("%s outside of the provider throws a sentence", (name, use) => {
    const Bare = () => {
      use();
      return null;
    };
    expect(() => renderToString(<Bare />)).toThrow(
      `${name} stands outside of <OrielProvider>: wrap the part of the page`,
    );
  });

  test("useUser and useAuthStatus follow the sign-in, and the status is never null", async () => {
    const seen: string[] = [];
    const Who = () => {
      seen.push(useAuthStatus().status);
      return <p>{useUser()?.name}</p>;
    };
    await show(<Who />);
    expect(text()).toContain("Kim");
    expect(new Set(seen)).toEqual(new Set(["idle", "authenticating", "authenticated"]));
  });
});

describe("StaticQuestion", () => {
  test("shows its chart at the height that was given", async () => {
    await show(<StaticQuestion id="departures" height={200} />);
    expect(one("h3").textContent).toBe("Departures");
    expect(one(".oriel-question").style.height).toBe("200px");
    expect(one("table").textContent).toContain("42");
  });

  test("not_found says so", async () => {
    world.answers["POST /api/v1/questions/other/run"] = () => problem(404, "not_found");
    await show(<StaticQuestion id="other" />);
    expect(text()).toContain("not_found");
  });
});

describe("downloads of a StaticQuestion", () => {
  const question = "POST /api/v1/questions/departures/run";
  const download = "POST /api/v1/questions/departures/download";

  test("are saved under the question's name", async () => {
    const answer = await (await world.answers[question]!(world.calls[0]!)).json();
    answer.question.name = "../Fares: \u202e<A>";
    world.answers[question] = () => json(answer);
    const saved: string[] = [];
    const made = vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:x");
    const clicked = vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (
      this: HTMLAnchorElement,
    ) {
      saved.push(`${this.href} ${this.download}`);
    });
    await show(<StaticQuestion id="departures" params={{ destination: ["LAX"] }} downloads />);
    await click(button("Download CSV"));
    expect(saved).toEqual(["blob:x Fares- -A.csv"]);
    expect(await (made.mock.calls[0]?.[0] as Blob).text()).toContain('"LAX",42');
    expect(world.calls.at(-1)?.body).toEqual({ parameters: { destination: ["LAX"] } });
    made.mockRestore();
    clicked.mockRestore();
  });

  test("a failed one says so, and leaves the chart", async () => {
    world.answers[download] = () => problem(403, "forbidden");
    const told = vi.fn();
    await show(<StaticQuestion id="departures" downloads onError={told} />);
    await click(button("Download JSON"));
    expect(one("[role=alert]").textContent).toBe("The download failed (Reference XK7-4QF)");
    expect(told).toHaveBeenCalledWith(expect.objectContaining({ code: "forbidden" }));
    expect(one("table").textContent).toContain("42");
  });

  test("are there for those alone whose groups may, when the host wants them", async () => {
    await show(<StaticQuestion id="departures" />);
    expect(text()).not.toContain("CSV");
    const answer = await (await world.answers[question]!(world.calls[0]!)).json();
    answer.question.downloads = [];
    world.answers[question] = () => json(answer);
    await show(<StaticQuestion key="again" id="departures" params={{ a: 1 }} downloads />);
    await pass(20);
    expect(one("h3").textContent).toBe("Departures");
    expect(page.querySelector(".oriel-downloads")).toBeNull();
  });
});

describe("defineAuthConfig", () => {
  const server = "https://oriel.test";
  test.each([
    [{ server, authProviderUri: "https://x" }, "the console: Authentication > JWT"],
    [{ server, fetchRequestToken: 7 }, "must be a function"],
    [{ server, fetchRequestToken: String, preferredAuthMethod: "saml" }, 'preferredAuthMethod to "jwt"'],
    [{ server, fetchRequestToken: String, auth: { type: "endpoint" } }, "give one of them"],
    [{ serverUrl: server }, "doesn't know `serverUrl`"],
    [{}, "`server` is missing"],
    [undefined, "needs an object"],
  ])("%j is CONFIG_INVALID with a sentence", (wrong, sentence) => {
    let thrown: unknown;
    try {
      defineAuthConfig(wrong as never);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "CONFIG_INVALID" });
    expect((thrown as Error).message.replace("Oriel's console under", "the console:")).toContain(sentence);
  });

  test("fetchRequestToken is a callback source", () => {
    const fetchRequestToken = () => Promise.resolve({ jwt: "a.b.c" });
    expect(defineAuthConfig({ server, fetchRequestToken }).auth).toEqual({
      type: "callback",
      get: fetchRequestToken,
    });
  });
});
