// Does what a guide says, block by block as it stands, in a folder of its own, and looks
// at the page that comes of it: node scripts/guide.mjs [first-chart] [nextjs]
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBrowser } from "./chromium.mjs";
import { freePorts, root } from "./stack.mjs";

const guides = {
  "first-chart": { parts: [["first-chart"]], login: "http://localhost:8080/login" },
  // It begins as the other one does.
  nextjs: { parts: [["first-chart", "## 4."], ["nextjs"]], login: "http://localhost:3000/login" },
};
/** What each person's chart has, and what it must not have. */
const sees = { ann: [["Bolts", "Nuts"], ["Gears"]], gus: [["Gears", "Bolts"], ["Nuts"]] };
/** As they stand in the guides. */
const ports = [7420, 8080, 5173, 3000];
const patience = 240_000;

const wanted = process.argv.slice(2);
for (const name of wanted) if (!(name in guides)) throw new Error(`There is no guide ${name}.`);

const folder = mkdtempSync(join(tmpdir(), "oriel-guide-"));
let failed = false;
try {
  // The guides begin in Oriel's folder and make another beside it.
  copy(root, join(folder, "oriel"));
  const swap = await portsToSwap();
  for (const [name, guide] of Object.entries(guides)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const began = Date.now();
    await follow(name, guide, swap);
    console.log(`guide ${name}: as it says, ${String(Math.round((Date.now() - began) / 1000))} s`);
    rmSync(join(folder, "shop"), { recursive: true, force: true });
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  failed = true;
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
process.exit(failed ? 1 : 0);

/** A copy with all that was built; what npm installed is the same. */
function copy(from, to) {
  const skip = ["./.git", "./node_modules", "./tests/e2e/output", "./.build/host-*", "*/.next"].map(
    (one) => `--exclude=${one}`,
  );
  const command = 'mkdir "$1" && tar -C "$0" "${@:2}" -cf - . | tar -C "$1" -xf -';
  const done = spawnSync("bash", ["-c", command, from, to, ...skip], { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`Oriel's folder can't be copied: ${done.stderr}`);
  symlinkSync(join(from, "node_modules"), join(to, "node_modules"));
}

/** The guides' ports that something else listens on, with a free one for each. */
async function portsToSwap() {
  const found = await freePorts(ports);
  const swap = ports.flatMap((port, at) => (found[at] === port ? [] : [[port, found[at]]]));
  for (const [port, other] of swap)
    console.log(`guide: port ${String(port)} is taken; ${String(other)} stands for it`);
  return swap;
}

function swapped(text, swap) {
  return swap.reduce(
    (now, [port, other]) => now.replace(new RegExp(`\\b${String(port)}\\b`, "g"), String(other)),
    text,
  );
}

/** A guide's blocks as one script: what is no shell block is the file that the line before it names. */
function scriptOf(name, until) {
  const text = readFileSync(join(root, "docs/guide", `${name}.md`), "utf8");
  const part = until === undefined ? text : text.slice(0, text.indexOf(`\n${until}`));
  let script = "";
  let before = "";
  for (const piece of part.split(/^(```[a-z]+\n.*?^```)$/ms)) {
    const [, language, body = ""] = /^```([a-z]+)\n(.*?)^```$/ms.exec(piece) ?? [];
    if (language === undefined) {
      before = piece.trim().split("\n").at(-1) ?? "";
    } else if (language === "sh") {
      script += `${body}\n`;
    } else {
      const file = /^`([^`]+)`/.exec(before)?.[1];
      if (file === undefined)
        throw new Error(`${name}.md: the line “${before}” before a block of ${language} names no file.`);
      script += `mkdir -p "$(dirname '${file}')" && cat >'${file}' <<'END-OF-THE-FILE'\n${body}END-OF-THE-FILE\n`;
    }
  }
  return script;
}

async function follow(name, { parts, login }, swap) {
  const path = join(folder, "guide.sh");
  writeFileSync(path, swapped(parts.map(([guide, until]) => scriptOf(guide, until)).join("\n"), swap));
  const shell = spawn("bash", ["-eu", "-o", "pipefail", path], {
    cwd: join(folder, "oriel"),
    detached: true,
    // Oriel's own port is the one that no command of a guide names.
    env: { ...process.env, ORIEL_LISTEN: swapped("127.0.0.1:7420", swap) },
  });
  let said = "";
  for (const stream of [shell.stdout, shell.stderr])
    stream.on("data", (words) => (said = (said + String(words)).slice(-8000)));
  let over = false;
  shell.once("exit", () => (over = true));
  try {
    for (const [person, [has, hasNot]] of Object.entries(sees)) {
      const shown = await look(swapped(`${login}/${person}`, swap), () => over);
      for (const word of has)
        if (!shown.includes(word)) throw new Error(`${person} doesn't see ${word}: ${shown}`);
      for (const word of hasNot)
        if (shown.includes(word)) throw new Error(`${person} sees ${word}: ${shown}`);
    }
  } catch (error) {
    throw new Error(
      `guide ${name}: ${error instanceof Error ? error.message : String(error)}\n--- what its commands said:\n${said}`,
    );
  } finally {
    await endAll(shell.pid);
  }
}

/** Ends all that a guide's commands started, and waits until it is gone: the next one takes the same ports. */
async function endAll(group) {
  for (const signal of ["SIGTERM", "SIGKILL"]) {
    for (let n = 0; n < 100; n++) {
      try {
        process.kill(-group, n === 0 ? signal : 0);
      } catch {
        return; // nobody is left
      }
      await new Promise((done) => setTimeout(done, 100));
    }
  }
}

/** What a person's chart says, once the product is there. */
async function look(address, over) {
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    for (const end = Date.now() + patience; ;) {
      try {
        await page.goto(address, { timeout: 20_000 });
        const table = page.locator(".oriel-card table").first();
        await table.waitFor({ state: "attached", timeout: 20_000 });
        return (await table.textContent()) ?? "";
      } catch (error) {
        if (over()) throw new Error("its commands ended before the page was there");
        if (Date.now() > end)
          throw new Error(
            `${address} shows no chart: ${String(error)}\n${await page
              .locator("body")
              .innerText()
              .catch(() => "")}`,
          );
        await new Promise((done) => setTimeout(done, 500));
      }
    }
  } finally {
    await browser.close();
  }
}
