import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "../codegen/generate.js";
import { printTable } from "./table.js";

/** How long generation takes, and how it grows with the number of tools. */
export async function benchGenerate(): Promise<void> {
  const root = process.cwd();
  const out = await mkdtemp(join(tmpdir(), "bench-generate-"));
  try {
    const rows: (string | number)[][] = [];
    for (const copies of [1, 2, 4]) {
      const project = copies === 1 ? root : join(out, `project-${copies}`);
      if (copies > 1) await multiply(root, project, copies);
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
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

/** The project's `spec/` with every area several times over, under other names. */
async function multiply(root: string, project: string, copies: number): Promise<void> {
  await cp(join(root, "spec"), join(project, "spec"), { recursive: true });
  const folder = join(project, "spec/tools");
  for (const name of await readdir(folder)) {
    const text = await readFile(join(folder, name), "utf8");
    for (let copy = 2; copy <= copies; copy += 1) {
      const renamed = text
        .replace(/^area: (.+)$/m, `area: $1-${copy}`)
        .replace(/^ {2}gitlab_/gm, `  gitlab_copy${copy}_`);
      await writeFile(join(folder, name.replace(".yaml", `-${copy}.yaml`)), renamed);
    }
  }
}
