import { execFile } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { installPacked } from "../test/support/packed.js";
import { printTable, type Cell } from "./table.js";

const run = promisify(execFile);
const rounds = 7;
const megabyte = 1024 * 1024;

function bytesOf(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  return files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0);
}

/** Names with their scope, of the packages in a `node_modules`. */
function packagesIn(modules: string): string[] {
  return readdirSync(modules)
    .filter((name) => !name.startsWith("."))
    .flatMap((name) =>
      name.startsWith("@") ? readdirSync(join(modules, name)).map((own) => `${name}/${own}`) : [name],
    );
}

/** Milliseconds of a cold import, each in a process of its own. Other work only ever adds: the best counts. */
async function coldImport(cwd: string, entry: string): Promise<{ wall: number; cpu: number } | undefined> {
  const code = `
    const [began, before] = [performance.now(), process.cpuUsage()];
    await import(${JSON.stringify(entry)});
    const { user, system } = process.cpuUsage(before);
    console.log(JSON.stringify({ wall: performance.now() - began, cpu: (user + system) / 1000 }));`;
  const least = { wall: Infinity, cpu: Infinity };
  for (let round = 0; round < rounds; round += 1) {
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", code], { cwd }).catch(() => ({
      stdout: "",
    }));
    // Adapters whose framework is not installed.
    if (stdout === "") return undefined;
    const { wall, cpu } = JSON.parse(stdout) as typeof least;
    least.wall = Math.min(least.wall, wall);
    least.cpu = Math.min(least.cpu, cpu);
  }
  return least;
}

/** What a user gets who installs the package and nothing else: packages, megabytes, and how long each entry point takes. */
export async function benchInstalled(): Promise<void> {
  console.log("\nThe package as npm installs it from its tarball, without peers\n");
  const { folder, tarball, remove } = await installPacked();
  try {
    const modules = join(folder, "node_modules");
    await rm(modules, { recursive: true, force: true });
    const install = ["install", tarball, "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"];
    await run("npm", install, { cwd: folder });
    const packages = packagesIn(modules)
      .map((name) => [name, bytesOf(join(modules, name)) / megabyte] as const)
      .sort(([, one], [, other]) => other - one);
    const whole = packages.reduce((sum, [, size]) => sum + size, 0);
    const largest = packages.slice(0, 12).map(([name, size]) => [name, size.toFixed(1)]);
    printTable(`${packages.length} packages, ${whole.toFixed(1)} MB (at most 40)`, ["package", "MB"], largest);
    const manifest = await readFile(join(modules, "gitlab-agent-tools/package.json"), "utf8");
    const { exports } = JSON.parse(manifest) as { exports: Record<string, unknown> };
    const entries = Object.keys(exports).filter((entry) => entry !== "./package.json");
    const rows: Cell[][] = [];
    for (const entry of entries) {
      const ms = await coldImport(folder, entry.replace(".", "gitlab-agent-tools"));
      rows.push([entry, ...(ms ? [Math.round(ms.wall), Math.round(ms.cpu)] : ["needs a peer", ""])]);
    }
    printTable(`Cold import, best of ${rounds} (at most 60 ms for .)`, ["entry point", "ms", "ms of CPU"], rows);
  } finally {
    await remove();
  }
}
