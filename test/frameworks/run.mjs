// Runs the adapters with the real packages of the frameworks: packs the library, installs it beside each set of
// packages, and runs their tests on a Node that is new enough for all of them. When all were green, `last-run.md` says so.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const here = import.meta.dirname;
const wanted = process.argv.slice(2);
const sets = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== "scripted")
  .map(({ name }) => name)
  .filter((name) => wanted.length === 0 || wanted.includes(name));

const run = (command, args, cwd) => execFileSync(command, args, { cwd, stdio: ["ignore", "inherit", "inherit"] });
const on24 = (command, args, cwd) => run("npx", ["-y", "-p", "node@24", command, ...args], cwd);

/** When all sets were green, and with which versions. */
function note() {
  const packages = sets.map((set) => {
    const { dependencies } = JSON.parse(readFileSync(join(here, set, "package.json"), "utf8"));
    const versions = Object.entries(dependencies).map(([name, version]) => `- ${name} ${version}`);
    return `## ${set}\n\n${versions.join("\n")}\n`;
  });
  const date = new Date().toISOString().slice(0, 10);
  return `# The last run of \`npm run test:frameworks\`\n\n${date}: all green, on Node 24, with these packages.\n\n${packages.join("\n")}`;
}

const folder = mkdtempSync(join(tmpdir(), "frameworks-"));
try {
  run("npm", ["pack", "--silent", "--pack-destination", folder], join(here, "../.."));
  const [tarball] = readdirSync(folder);
  for (const set of sets) {
    const cwd = join(here, set);
    // No scripts and nothing optional: only the agents' own code is wanted, not their native programs.
    const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--omit=optional", "--silent"];
    on24("npm", ["ci", ...quiet], cwd);
    // Without --legacy-peer-deps: that the ranges of our peers allow these versions is part of the test.
    on24("npm", ["install", ...quiet, "--no-save", "--no-package-lock", join(folder, tarball)], cwd);
    run("node", [join(here, "../../node_modules/typescript/bin/tsc"), "-p", cwd], here);
    const tests = readdirSync(cwd).filter((name) => name.endsWith(".test.ts"));
    on24("node", ["--test", "--test-force-exit", ...tests], cwd);
  }
  if (wanted.length === 0) writeFileSync(join(here, "last-run.md"), note());
} finally {
  rmSync(folder, { recursive: true, force: true });
}
