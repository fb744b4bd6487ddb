import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { generate } from "../codegen/generate.js";
import { specificationFile } from "../codegen/places.js";
import { printTable } from "./table.js";

/** How long generation takes, and how it grows with the number of tools: the manifest's, all, and all several times. */
export async function benchGenerate(): Promise<void> {
  const root = process.cwd();
  const out = await mkdtemp(join(tmpdir(), "bench-generate-"));
  try {
    const rows: (string | number)[][] = [];
    for (const copies of [0, 1, 4]) {
      const project = join(out, `project-${copies}`);
      await cp(join(root, "spec"), join(project, "spec"), { recursive: true });
      if (copies === 0) await onlyManifest(project);
      if (copies > 1) await multiply(project, copies);
      const times: number[] = [];
      let tools = 0;
      for (let run = 0; run < 3; run += 1) {
        const began = performance.now();
        tools = (await generate({ root: project, out: join(out, `out-${copies}-${run}`) })).tools;
        times.push(performance.now() - began);
      }
      const least = Math.min(...times);
      rows.push([tools, `${(least / 1000).toFixed(2)} s`, `${(least / tools).toFixed(1)} ms`]);
    }
    printTable("Generation from the embedded specification (best of 3)", ["tools", "time", "a tool"], rows);
    console.log(`\n  at most ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

const onlyManifest = (project: string): Promise<void> => rm(join(project, "spec/selection.yaml"));

/** Every operation several times over, at other paths. */
async function multiply(project: string, copies: number): Promise<void> {
  const file = join(project, specificationFile);
  const document = parse(await readFile(file, "utf8"), { maxAliasCount: -1 }) as {
    paths: Record<string, Record<string, { operationId: string }>>;
  };
  const paths = Object.entries(document.paths);
  for (let copy = 2; copy <= copies; copy += 1)
    for (const [path, item] of paths)
      document.paths[path.replace("/api/v4/", `/api/v4/copy${copy}/`)] = Object.fromEntries(
        Object.entries(item).map(([method, operation]) => [
          method,
          { ...operation, operationId: `${operation.operationId}Copy${copy}` },
        ]),
      );
  await writeFile(file, stringify(document, { aliasDuplicateObjects: false, lineWidth: 0 }));
}
