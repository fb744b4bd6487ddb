import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem, type as system } from "node:os";
import { join } from "node:path";
import { createGitLabEmulator } from "../src/testing/index.js";
import { callFigures } from "./beside/calls.js";
import type { Figure, Group, Report } from "./beside/figure.js";
import { groupNames, groups, type GroupName } from "./beside/groups.js";
import { generationFigures } from "./beside/generation.js";
import { importFigure } from "./beside/import.js";
import { mcpFigures, type MeasuredGitLab } from "./beside/mcp.js";
import { readReport, writePages } from "./beside/pages.js";
import { peersFolder } from "./beside/process.js";
import { bundleFigures, checkPrograms, typesFigure } from "./beside/programs.js";
import { stormFigures } from "./beside/storm.js";
import { head, provenance, rowsOf } from "./beside/table.js";
import { printTable } from "./table.js";

const peers = ["openapi-fetch", "@gitbeaker/rest", "openapi-typescript", "@hey-api/openapi-ts", "@zereight/mcp-gitlab"];

/** How each group is measured. Generation makes what the programs are built with. */
const measures: Readonly<Record<GroupName, (gitlab: MeasuredGitLab) => Promise<Figure[]>>> = {
  calls: callFigures,
  import: async () => [await importFigure()],
  generation: generationFigures,
  bundles: async (gitlab) => {
    const figures = await bundleFigures();
    await checkPrograms(gitlab);
    return figures;
  },
  types: async () => [await typesFigure()],
  mcp: mcpFigures,
  storm: stormFigures,
};

/**
 * Everything that others do too, beside them: the built package and its peers in turns, each in a process of its own.
 *
 * @param write whether docs/bench.json and what is made from it are written anew, a group as soon as it is measured
 * @param only these groups; what is written keeps the others as they were
 */
export async function benchPeers(write: boolean, only: readonly string[] = groupNames): Promise<void> {
  const unknown = only.filter((name) => !(name in groups));
  if (unknown.length > 0)
    throw new Error(`There is no group ${unknown.join(", ")}; there are ${groupNames.join(", ")}.`);
  if (!existsSync("dist/src/index.js")) {
    console.log("\nPeers: not measured, npm run build makes dist/ first");
    return;
  }
  if (!existsSync(join(peersFolder, "node_modules"))) {
    console.log("\nInstalling the peers in bench/peers");
    execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: peersFolder, stdio: "inherit" });
  }
  const emulator = await createGitLabEmulator();
  const token = emulator.tokens.create({ username: "ada", scopes: ["api"] });
  const measured = write ? { ...(await readReport())?.groups } : {};
  try {
    for (const name of groupNames) {
      if (!only.includes(name)) continue;
      const before = load();
      const figures = await measures[name]({ baseUrl: emulator.baseUrl, token });
      // The test of the report goes by these titles.
      assert.deepEqual(
        figures.map(({ title }) => title),
        groups[name],
      );
      measured[name] = { date: new Date().toISOString().slice(0, 10), load: [before, load()], figures };
      printTable(`Beside peers: ${name}`, head, rowsOf(figures));
      if (write) await writePages(reportOf(measured));
    }
  } finally {
    await emulator.close();
  }
  console.log(`\n${provenance(reportOf(measured))}`);
}

const load = (): number => Number((loadavg()[0] ?? 0).toFixed(1));

/** In the order of {@link groupNames}, whichever was measured last. */
function reportOf(measured: Readonly<Record<string, Group>>): Report {
  const [processor] = cpus();
  return {
    machine: {
      processor: processor?.model ?? "unknown",
      cores: cpus().length,
      gigabytes: Math.round(totalmem() / 2 ** 30),
      system: `${system()} ${release()}`,
      node: process.versions.node,
    },
    versions: Object.fromEntries(peers.map((name) => [name, versionOf(name)])),
    groups: Object.fromEntries(
      groupNames.flatMap((name): [string, Group][] => {
        const group = measured[name];
        return group ? [[name, group]] : [];
      }),
    ),
  };
}

function versionOf(name: string): string {
  const manifest = readFileSync(join(peersFolder, "node_modules", name, "package.json"), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
