// Bad input gives one clear sentence that says what to do.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { root } from "./stack.js";

let dir: string;
let taken: Server | undefined;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "oriel-bad-"));
});
afterEach(async () => {
  rmSync(dir, { recursive: true, force: true });
  await new Promise((done) => (taken ? taken.close(done) : done(undefined)));
  taken = undefined;
});

/** Runs oriel to its end in an empty folder. */
function oriel(args: string[], env: Record<string, string> = {}) {
  const done = spawnSync(join(root, "bin/oriel"), args, {
    cwd: dir,
    encoding: "utf8",
    timeout: 20_000,
    env: { PATH: process.env.PATH ?? "", HOME: dir, ...env },
  });
  return { status: done.status, words: `${done.stderr}${done.stdout}`.trim() };
}

function oneSentence(words: string): void {
  expect(words.split("\n")).toHaveLength(1);
  expect(words.length).toBeLessThan(400);
  expect(words).not.toMatch(/goroutine|panic|0x[0-9a-f]{6}/);
}

const sampleEnv = {
  APRON_URL: "http://127.0.0.1:7430",
  APRON_BACKEND_URL: "http://127.0.0.1:7431",
  APRON_PUBLIC_KEY: readable(),
  ORIEL_LISTEN: "127.0.0.1:0",
  ORIEL_SITE_URL: "http://127.0.0.1:7420",
};

it("a wrong key in the configuration file names the right one", () => {
  writeFileSync(join(dir, "oriel.yaml"), "listne: 127.0.0.1:0\n");
  const { status, words } = oriel(["serve"]);
  expect(status).not.toBe(0);
  oneSentence(words);
  expect(words).toMatch(/oriel\.yaml:1/);
  expect(words).toMatch(/listne.*\blisten\b/);
});

it("a wrong key in the environment names the right one", () => {
  const { status, words } = oriel(["serve"], { ORIEL_LISTNE: "127.0.0.1:0" });
  expect(status).not.toBe(0);
  oneSentence(words);
  expect(words).toMatch(/ORIEL_LISTNE.*ORIEL_LISTEN/);
});

it("a wrong value says what a right one looks like", () => {
  const { status, words } = oriel(["serve"], { ORIEL_LISTEN: "everywhere" });
  expect(status).not.toBe(0);
  oneSentence(words);
  expect(words).toMatch(/ORIEL_LISTEN.*127\.0\.0\.1:7420/);
});

it("a taken port is named", async () => {
  const port = await new Promise<number>((done) => {
    taken = createServer().listen(0, "127.0.0.1", () => done((taken?.address() as { port: number }).port));
  });
  const { status, words } = oriel(["serve"], { ORIEL_LISTEN: `127.0.0.1:${port}` });
  expect(status).not.toBe(0);
  const last = words.split("\n").at(-1) ?? "";
  oneSentence(last);
  expect(last).toContain(String(port));
  expect(last).toMatch(/another program listens/);
});

it("a database that cannot be written is named", () => {
  // /proc takes no files from anyone, root included.
  for (const args of [["serve"], ["apply", join(root, "sample/apron.yaml")]]) {
    const { status, words } = oriel(args, {
      ...sampleEnv,
      ORIEL_DATABASE_URL: "sqlite:///proc/oriel/oriel.db",
    });
    expect(status).not.toBe(0);
    const last = words.split("\n").at(-1) ?? "";
    oneSentence(last);
    expect(last).toContain("/proc/oriel");
  }
});

it("a declaration with a wrong key names file, line and the right key", () => {
  writeFileSync(join(dir, "wrong.yaml"), "version: 1\n# a comment\norigns: []\n");
  const { status, words } = oriel(["apply", "wrong.yaml"]);
  expect(status).not.toBe(0);
  oneSentence(words);
  expect(words).toMatch(/wrong\.yaml:3/);
  expect(words).toMatch(/origns.*\borigins\b/);
});

it("a declaration that is no YAML names file and line", () => {
  writeFileSync(join(dir, "wrong.yaml"), "version: 1\norigins: [\n");
  const { status, words } = oriel(["apply", "wrong.yaml"]);
  expect(status).not.toBe(0);
  oneSentence(words);
  expect(words).toMatch(/wrong\.yaml:\d/);
});

it("an environment variable that is not set is named with file and line", () => {
  const { APRON_URL: _, ...env } = sampleEnv;
  const { status, words } = oriel(["apply", join(root, "sample/apron.yaml")], env);
  expect(status).not.toBe(0);
  oneSentence(words);
  expect(words).toMatch(/apron\.yaml:\d+.*APRON_URL/);
});

it("a broken data file is named, and nothing of the declaration is applied", () => {
  const sample = join(dir, "sample");
  mkdirSync(sample);
  for (const file of ["apron.yaml", "airports.csv", "wildlife_strikes.csv"]) {
    copyFileSync(join(root, "sample", file), join(sample, file));
  }
  const flights = readFileSync(join(root, "sample/flights.csv"), "utf8").split("\n").slice(0, 100);
  flights[50] = "2001-01-01 00:47:00,DTW";
  writeFileSync(join(sample, "flights.csv"), flights.join("\n"));
  const broken = oriel(["apply", join(sample, "apron.yaml")], sampleEnv);
  expect(broken.status).not.toBe(0);
  oneSentence(broken.words);
  expect(broken.words).toMatch(/flights\.csv/);
  expect(broken.words).toMatch(/51/);

  const whole = oriel(["apply", join(root, "sample/apron.yaml")], sampleEnv);
  expect(whole.status).toBe(0);
  expect(whole.words).toMatch(/created/);
});

it("a data file that is missing is named", () => {
  const sample = join(dir, "sample");
  mkdirSync(sample);
  for (const file of ["apron.yaml", "airports.csv", "flights.csv"]) {
    copyFileSync(join(root, "sample", file), join(sample, file));
  }
  const { status, words } = oriel(["apply", join(sample, "apron.yaml")], sampleEnv);
  expect(status).not.toBe(0);
  oneSentence(words);
  expect(words).toMatch(/wildlife_strikes\.csv/);
});

it("applying twice changes nothing", () => {
  const first = oriel(["apply", join(root, "sample/apron.yaml")], sampleEnv);
  expect(first.status).toBe(0);
  const second = oriel(["apply", join(root, "sample/apron.yaml")], sampleEnv);
  expect(second.status).toBe(0);
  expect(second.words).not.toMatch(/created|updated|deleted/);
});

function readable(): string {
  // Any Ed25519 public key will do where nobody signs in.
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), Buffer.alloc(32, 9)]);
  return `-----BEGIN PUBLIC KEY-----\n${der.toString("base64")}\n-----END PUBLIC KEY-----\n`;
}
