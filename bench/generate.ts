import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { parse, stringify } from "yaml";
import { specificationFile } from "../codegen/places.js";
import { selectionFile } from "../codegen/selection.js";
import { printTable } from "./table.js";

const run = promisify(execFile);
const root = process.cwd();

/** Operations beyond the core that tools of the manifest name: as steps, finders, or what helps. */
const named = [
  "/api/v4/projects/{id}/pipelines*",
  "/api/v4/projects/{id}/merge_requests/{merge_request_iid}/*",
  "/api/v4/projects/{id}/merge_requests/{noteable_id}/*",
  "/api/v4/projects/{id}/issues/{noteable_id}/notes*",
  "/api/v4/projects/{id}/ci/lint",
  "/api/v4/suggestions*",
  "/api/v4/merge_requests",
  "/api/v4/issues",
];

interface Took {
  readonly tools: number;
  /** Milliseconds: on the clock, and of the processors. Other work on the machine adds to the first only. */
  readonly wall: number;
  readonly cpu: number;
  readonly megabytes: number;
}

/**
 * What generation takes, and what its result costs who imports it, as the number of tools grows: those of the manifest,
 * all, and a whole document.
 *
 * @param document a whole document of GitLab's; without one, every operation is there four times more
 */
export async function benchGenerate(document?: string): Promise<void> {
  const out = await mkdtemp(join(tmpdir(), "bench-generate-"));
  try {
    const sizes: ((project: string) => Promise<void>)[] = [
      (project) => select(project, { include: named }),
      async () => {},
      (project) => whole(project, document),
    ];
    const rows: (string | number)[][] = [];
    for (const [index, prepare] of sizes.entries()) {
      const project = join(out, String(index));
      for (const name of ["spec", "src"]) await cp(join(root, name), join(project, name), { recursive: true });
      await symlink(join(root, "node_modules"), join(project, "node_modules"));
      await cp(join(root, "package.json"), join(project, "package.json"));
      await prepare(project);
      const { tools, wall, cpu, megabytes } = await generateIn(project);
      const names = new Set(
        (await readFile(join(project, "generated/tool-names.ts"), "utf8")).match(/^ {2}"gitlab_\w+",$/gm),
      );
      await transpile(project);
      const imported = await importTime(project);
      const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
      rows.push([
        ...[tools, names.size, seconds(wall), seconds(cpu), `${(cpu / tools).toFixed(1)} ms`, `${megabytes} MB`],
        ...[
          `${imported.tools} ms, with zod ${imported.all} ms`,
          `${((await oneFunction(project)) / 1024).toFixed(1)} kB`,
          seconds(await typeCheckTime(project)),
        ],
      ]);
    }
    const columns = [
      "tools",
      "names",
      "time",
      "processor",
      "a tool",
      "memory",
      "import of all (processor)",
      "one function",
      "type check (processor)",
    ];
    printTable("Generation, each in a process of its own; what importing its result costs", columns, rows);
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

async function generateIn(project: string): Promise<Took> {
  const { stdout } = await run(process.execPath, ["--import", "tsx", join(root, "bench/generate-once.ts"), project]);
  return JSON.parse(stdout) as Took;
}

async function select(project: string, selection: object): Promise<void> {
  const file = join(project, selectionFile);
  const committed = parse(await readFile(file, "utf8")) as object;
  await writeFile(file, stringify({ ...committed, ...selection }));
}

/** A whole document, all of it selected; or every operation several times over, at other paths. */
async function whole(project: string, document: string | undefined): Promise<void> {
  await select(project, { include: ["/api/v4/*"], exclude: [] });
  if (document === undefined) await multiply(project, 5);
  else await writeFile(join(project, specificationFile), await readFile(document));
}

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

/** To JavaScript, file by file, as the package is built. */
async function transpile(project: string): Promise<void> {
  const sources = async (folder: string): Promise<string[]> =>
    (await readdir(join(project, folder), { recursive: true }))
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(project, folder, name));
  const entryPoints = [...(await sources("src")), ...(await sources("generated"))];
  await build({ entryPoints, outdir: join(project, "dist"), outbase: project, format: "esm", logLevel: "error" });
}

/** Processor time of importing `/tools` in a fresh process, in milliseconds: beyond zod, and in all; the best of several. */
async function importTime(project: string): Promise<{ readonly tools: number; readonly all: number }> {
  const script = `
    const used = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
    const began = used();
    await import("zod/mini");
    const zod = used();
    await import("./dist/src/tools.js");
    console.log(JSON.stringify({ tools: used() - zod, all: used() - began }))`;
  const runs: { tools: number; all: number }[] = [];
  for (let time = 0; time < 7; time += 1) {
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script], { cwd: project });
    runs.push(JSON.parse(stdout) as { tools: number; all: number });
  }
  const least = (which: "tools" | "all"): number => Math.round(Math.min(...runs.map((one) => one[which])));
  return { tools: least("tools"), all: least("all") };
}

/** Processor time of checking the types of a program that imports the registry, in milliseconds, by a compiler of its own. */
async function typeCheckTime(project: string): Promise<number> {
  const script = `
    import ts from "typescript";
    const options = { noEmit: true, strict: true, skipLibCheck: true, types: ["node"] };
    const modern = { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ESNext };
    const program = ts.createProgram(["generated/registry.ts"], { ...options, ...modern });
    const [first] = ts.getPreEmitDiagnostics(program);
    if (first) throw new Error(ts.flattenDiagnosticMessageText(first.messageText, " "));
    const { user, system } = process.cpuUsage();
    console.log((user + system) / 1000);`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script], { cwd: project });
  return Number(stdout);
}

/** What a bundle has that imports one typed function, in bytes, minified, without dependencies. */
async function oneFunction(project: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: 'export { issuesList } from "./dist/src/tools.js";', resolveDir: project },
    ...{ bundle: true, minify: true, write: false, format: "esm", packages: "external", treeShaking: true },
  });
  return outputFiles.reduce((sum, { contents }) => sum + contents.length, 0);
}
