/**
 * The outside world for tests of the SDK: a fake host and a fake server behind
 * `fetch`, chance that is always the middle, and a browser that wakes on
 * command. Time is vitest's fake clock.
 */
export { FakeWindows, type FakeWindow } from "./windows.js";
export { FakeWorld, type Call } from "./world.js";
export { cutOff, dashboardLines, json, ndjson, problem, result, sampleDashboard, token } from "./answers.js";
