// Installs the packed @oriel packages into one example, as npm would from a
// registry: node scripts/unpack.mjs examples/apron/frontend
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

const [example] = process.argv.slice(2);
if (!example) throw new Error("Name the example's folder: node scripts/unpack.mjs examples/apron/frontend");

const packed = join(".build", "packages");
const scope = join(example, "node_modules", "@oriel");
rmSync(scope, { recursive: true, force: true });
mkdirSync(scope, { recursive: true });

for (const file of readdirSync(packed)) {
  const name = /^oriel-(.+)-\d+\.\d+\.\d+.*\.tgz$/.exec(file)?.[1];
  if (!name) continue;
  execFileSync("tar", ["-xzf", join(packed, file), "-C", scope]);
  renameSync(join(scope, "package"), join(scope, name)); // npm's tarballs all hold one folder of this name
}
