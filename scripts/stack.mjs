// A whole Oriel with the example product Apron beside it, on free ports and
// throw-away state: for the demo, the browser tests and the benchmark.
import { spawn, spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const host = "127.0.0.1";
const lastWords = 4000;
// Host tokens, session tokens and API keys. None may be in what a server says.
const secretLike = /eyJ[\w-]{8,}\.[\w-]{8,}\.|or[sk]_[\w-]{43}/;
const longestSecret = 64;

/**
 * Starts Oriel with the sample applied, and Apron.
 *
 * @param {object} [options]
 * @param {number[]} [options.ports] preferred ports of Oriel, Apron and Apron's backend; free ones otherwise
 * @param {string[]} [options.declarations] files to apply after the sample
 * @param {boolean} [options.apron] false: no Apron, for tests that stand in for it
 * @param {Record<string, string>} [options.env] more environment for Oriel
 * @param {(name: string, words: string) => void} [options.onDeath] a process ended by itself
 */
export async function startStack(options = {}) {
  const dir = mkdtempSync(join(tmpdir(), "oriel-"));
  const ports = await freePorts(options.ports ?? [0, 0, 0]);
  const address = (/** @type {number} */ which) => `http://${host}:${ports[which]}`;
  const orielURL = address(0);
  const apronURL = address(1);
  const backendURL = address(2);
  const keyFile = join(dir, "apron.key");
  const keys = generateKeyPairSync("ed25519");
  writeFileSync(keyFile, keys.privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });

  const state = join(dir, "oriel");
  mkdirSync(state);
  chmodSync(state, 0o700);
  const env = {
    ...inherited(),
    ORIEL_SITE_URL: orielURL,
    ORIEL_LISTEN: `${host}:${ports[0]}`,
    ORIEL_DATABASE_URL: `sqlite://${join(state, "oriel.db")}`,
    APRON_URL: apronURL,
    APRON_BACKEND_URL: backendURL,
    APRON_PUBLIC_KEY: keys.publicKey.export({ type: "spki", format: "pem" }).toString(),
    ...options.env,
  };

  /** @type {Map<string, Process>} */
  const processes = new Map();
  /** @type {Process[]} */
  const started = [];
  let stopping = false;

  const start = (name, command, args) => {
    const next = run(name, command, args, { cwd: state, env });
    started.push(next);
    processes.set(name, next);
    next.ended.then(() => {
      if (processes.get(name) !== next) return;
      processes.delete(name);
      if (!stopping && !next.expected) options.onDeath?.(name, next.words());
    });
    return next;
  };

  const stack = {
    oriel: orielURL,
    apron: apronURL,
    backend: backendURL,
    dir,
    env,
    privateKey: keys.privateKey,

    /** Runs `oriel` to its end, on this stack's store. */
    command(...args) {
      const done = spawnSync(join(root, "bin", "oriel"), args, { cwd: state, env, encoding: "utf8" });
      return { status: done.status, stdout: done.stdout ?? "", stderr: done.stderr ?? "" };
    },

    /** Applies declaration files; an error holds the command's own words. */
    apply(...files) {
      const done = stack.command("apply", ...files.map((file) => resolve(root, file)));
      if (done.status !== 0) throw new Error(`oriel apply: ${(done.stderr || done.stdout).trim()}`);
      return done;
    },

    /** Starts the server and waits until it is ready. */
    async startOriel() {
      const started = start("oriel", join(root, "bin", "oriel"), ["serve"]);
      await ready(`${orielURL}/readyz`, started);
      return started;
    },

    /** Ends the server and waits until it is gone; SIGKILL to crash it. */
    async endOriel(signal = "SIGTERM") {
      const server = processes.get("oriel");
      if (server) await end(server, signal);
    },

    /** What the server has said so far. */
    words: () => processes.get("oriel")?.words() ?? "",

    /** Ends everything and removes the state. Fails when a process said a token or a key. */
    async stop() {
      stopping = true;
      await Promise.all([...processes.values()].map((each) => end(each, "SIGTERM")));
      rmSync(dir, { recursive: true, force: true });
      const told = started.filter((each) => each.toldSecret());
      if (told.length > 0)
        throw new Error(`a token or key is in the output of ${told.map((each) => each.name).join(", ")}`);
    },
  };

  try {
    stack.apply(join("sample", "apron.yaml"));
    for (const file of options.declarations ?? []) stack.apply(file);
    await stack.startOriel();
    if (options.apron !== false) {
      const apron = start("apron", join(root, "bin", "apron"), [
        ...["-listen", `${host}:${ports[2]}`, "-frontend-listen", `${host}:${ports[1]}`],
        ...["-oriel", orielURL, "-key", keyFile, "-frontend-dir", join(root, "examples/apron/frontend/dist")],
      ]);
      await Promise.all([ready(`${backendURL}/people.json`, apron), ready(`${apronURL}/config.json`, apron)]);
    }
    return stack;
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

/**
 * Ports that nothing listens on: the preferred ones where they are free.
 * @param {number[]} preferred
 */
export async function freePorts(preferred) {
  const held = [];
  try {
    for (const port of preferred) held.push((await listen(port)) ?? (await listen(0)));
    return held.map((server) => server.address().port);
  } finally {
    await Promise.all(held.map((server) => new Promise((done) => server?.close(done))));
  }
}

function listen(port) {
  return new Promise((done) => {
    const server = createServer();
    server.once("error", () => done(undefined));
    server.listen({ port, host, exclusive: true }, () => done(server));
  });
}

// The environment without settings that a person's shell holds for another Oriel.
function inherited() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(ORIEL|APRON)_/.test(name)));
}

/**
 * @typedef {object} Process
 * @property {string} name
 * @property {number} pid
 * @property {Promise<void>} ended
 * @property {() => boolean} alive
 * @property {() => string} words the last of what it said
 * @property {() => boolean} toldSecret a token or key was in anything that it said
 * @property {boolean} expected its end was asked for
 */

// In a process group of its own, so that Ctrl-C reaches only us and we end it
// in order.
function run(name, command, args, { cwd, env }) {
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let words = "";
  let toldSecret = false;
  const listenTo = (stream) => {
    let tail = ""; // a token may be cut in two
    stream.setEncoding("utf8").on("data", (text) => {
      toldSecret ||= secretLike.test(tail + text);
      tail = (tail + text).slice(-longestSecret);
      words = (words + text).slice(-lastWords);
    });
  };
  listenTo(child.stdout);
  listenTo(child.stderr);
  let alive = true;
  const ended = new Promise((done) => {
    child.once("error", (error) => {
      words += `${command}: ${error.message}`;
      alive = false;
      done();
    });
    child.once("close", () => {
      alive = false;
      done();
    });
  });
  return {
    name,
    pid: child.pid ?? 0,
    ended,
    alive: () => alive,
    words: () => words.trim(),
    toldSecret: () => toldSecret,
    expected: false,
  };
}

async function end(started, signal) {
  started.expected = true;
  if (!started.alive()) return;
  signalTo(started.pid, signal);
  const killer = setTimeout(() => signalTo(started.pid, "SIGKILL"), 10_000);
  await started.ended;
  clearTimeout(killer);
}

function signalTo(pid, signal) {
  try {
    if (pid) process.kill(pid, signal);
  } catch (error) {
    if (error.code !== "ESRCH") throw error; // it is gone already
  }
}

async function ready(url, started) {
  const until = Date.now() + 60_000;
  while (Date.now() < until) {
    if (!started.alive()) throw new Error(`${started.name} ended before it was ready:\n${started.words()}`);
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      // not listening yet
    }
    await new Promise((done) => setTimeout(done, 40));
  }
  throw new Error(`${started.name} did not answer at ${url} within a minute:\n${started.words()}`);
}
