// @vitest-environment happy-dom
import { act } from "react";
import { expect, test, vi } from "vitest";
import { json, problem } from "@oriel/test-utils";
import { StaticDashboard, StaticQuestion } from "./index.js";
import { button, click, dates, one, page, pass, show, type, world } from "./testing/page.js";

const question = "POST /api/v1/questions/departures/run";
const asked = (route: string) =>
  world.calls.filter((call) => call.route === route).map((call) => (call.body as any)?.parameters);

async function choose() {
  const mark = one("[data-oriel-point]");
  await act(async () => mark.dispatchEvent(new MouseEvent("click", { bubbles: true })));
  await pass(20);
}

test("a question keeps its own parameters, begins with the default ones, and tells of changes", async () => {
  const answer = await (await world.answers[question]!(world.calls[0]!)).json();
  answer.question.parameters = [
    { name: "day", label: "Day", type: "date_range", required: false },
    { name: "to", label: "To", type: "list", required: false },
  ];
  world.answers[question] = () => json(answer);
  const told = vi.fn();
  await show(
    <StaticQuestion id="departures" filters defaultParams={{ to: ["LAX"] }} onParamsChange={told} />,
  );
  expect(asked(question)).toEqual([{ to: ["LAX"] }]);
  await type(dates()[0]!, "2001-01-01");
  await type(dates()[1]!, "2001-01-02");
  const range = { from: "2001-01-01", to: "2001-01-02" };
  expect(told).toHaveBeenLastCalledWith({ to: ["LAX"], day: range });
  expect(asked(question).at(-1)).toEqual({ to: ["LAX"], day: range });
});

test("a run that fails leaves the fields, for what was chosen there may be why", async () => {
  const answer = await (await world.answers[question]!(world.calls[0]!)).json();
  answer.question.parameters = [{ name: "day", label: "Day", type: "date_range", required: false }];
  world.answers[question] = () => json(answer);
  await show(<StaticQuestion id="departures" filters />);
  world.answers[question] = () => problem(400, "invalid_request");
  await type(dates()[0]!, "2001-01-01");
  await type(dates()[1]!, "2001-01-02");
  expect(one("[role=alert]").textContent).toContain("invalid_request");
  world.answers[question] = () => json(answer);
  await click(button("Clear Day"));
  expect(page.querySelector("[role=alert]")).toBeNull();
  expect(asked(question).at(-1)).toEqual({});
});

test("without `filters` a question has no fields, and without `onDrill` its marks can't be chosen", async () => {
  await show(<StaticQuestion id="departures" />);
  expect(dates()).toEqual([]);
  expect(page.querySelector(".oriel-drill")).toBeNull();
});

test("whoever asks hears of the mark that was chosen, on a question and on a dashboard", async () => {
  const onQuestion = vi.fn();
  await show(<StaticQuestion id="departures" onDrill={onQuestion} />);
  await choose();
  expect(onQuestion).toHaveBeenCalledExactlyOnceWith({
    question: "departures",
    column: "place",
    value: "LAX",
  });
  const onDashboard = vi.fn();
  await show(<StaticDashboard id="operations" onDrill={onDashboard} />);
  await choose();
  expect(onDashboard).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ question: "departures", column: "place", value: "LAX" }),
  );
  expect(world.count("POST /api/v1/dashboards/operations/run")).toBe(1);
});

test("a card's rows are taken away with the filters that it heeds, by whose groups may", async () => {
  const made = vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:x");
  const clicked = vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => undefined);
  await show(<StaticDashboard id="operations" />);
  expect(page.querySelector(".oriel-downloads")).toBeNull();
  const params = { destination: ["LAX"], elsewhere: "x" };
  await show(<StaticDashboard key="again" id="operations" params={params} downloads />);
  await click(button("Download CSV: Departures"));
  expect(asked("POST /api/v1/questions/departures/download")).toEqual([{ to: ["LAX"] }]);
  made.mockRestore();
  clicked.mockRestore();
});
