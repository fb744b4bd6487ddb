import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { median } from "../answers.js";
import type { Figure } from "./figure.js";
import { inRounds, peersFolder, runMeasured } from "./process.js";

const rounds = 2;

/** The same program in `bench/peers/programs`, written with each: it lists the open issues of a project. */
const programs = {
  "gitlab-agent-tools": "ours",
  "openapi-fetch": "openapi-fetch",
  "@hey-api/openapi-ts": "hey-api",
  "@gitbeaker/rest": "gitbeaker",
} as const;

type Way = keyof typeof programs;
const ways = Object.keys(programs) as Way[];

/** What is built is what is measured: each program lists the same issues. */
export async function checkPrograms(gitlab: { readonly baseUrl: string; readonly token: string }): Promise<void> {
  const env = { GITLAB_URL: gitlab.baseUrl, GITLAB_TOKEN: gitlab.token };
  const lists = new Map<Way, string>();
  for (const way of ways) {
    const file = join("made", "bundles", programs[way], `${programs[way]}.js`);
    lists.set(way, (await runMeasured([file], env)).printed);
  }
  const [first = "", ...others] = lists.values();
  if (!first.startsWith("#") || others.some((list) => list !== first))
    throw new Error(`The programs do not list the same: ${JSON.stringify(Object.fromEntries(lists))}`);
}

/** The program with all that it imports, minified: what is loaded to make a call, and all of it. */
export async function bundleFigures(): Promise<Figure[]> {
  const sizes = new Map<Way, { readonly atStart: number; readonly all: number }>();
  for (const way of ways) sizes.set(way, await bundle(programs[way]));
  const figure = (title: string, of: "atStart" | "all"): Figure => ({
    title,
    unit: "kB",
    ours: "gitlab-agent-tools",
    values: Object.fromEntries([...sizes].map(([way, size]) => [way, size[of] / 1000])),
    bar: { most: 1, of: "@gitbeaker/rest" },
  });
  return [
    figure("Bundle of a program that lists issues, minified and packed: loaded at its start", "atStart"),
    figure("The same with all that may be loaded later", "all"),
  ];
}

async function bundle(name: string): Promise<{ atStart: number; all: number }> {
  const outdir = join("made", "bundles", name);
  await rm(join(peersFolder, outdir), { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: peersFolder,
    entryPoints: [join("programs", `${name}.ts`)],
    outdir,
    // As servers are bundled: Node's own modules, drivers of databases and telemetry stay outside.
    ...{ bundle: true, splitting: true, minify: true, platform: "node", format: "esm", metafile: true },
    external: ["libsql", "pg", "@opentelemetry/*"],
    banner: {
      js: 'import { createRequire as requireOfBundle } from "node:module"; const require = requireOfBundle(import.meta.url);',
    },
    logLevel: "error",
  });
  const atStart = new Set<string>();
  const load = (file: string): void => {
    if (atStart.has(file)) return;
    atStart.add(file);
    const { imports = [] } = metafile.outputs[file] ?? {};
    for (const { path, kind } of imports) if (kind === "import-statement" && path in metafile.outputs) load(path);
  };
  load(join(outdir, `${name}.js`));
  const packed = async (files: Iterable<string>): Promise<number> => {
    const sizes = await Promise.all(
      [...files].map(async (file) => gzipSync(await readFile(join(peersFolder, file))).length),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  };
  return { atStart: await packed(atStart), all: await packed(Object.keys(metafile.outputs)) };
}

/** Checking the types of the program, beyond those of a program that imports nothing. */
export async function typesFigure(): Promise<Figure> {
  const compilerOptions = {
    ...{ target: "ES2023", module: "NodeNext", types: ["node"], typeRoots: ["../../../../../node_modules/@types"] },
    ...{ strict: true, skipLibCheck: true, noEmit: true },
  };
  const checked = { ...programs, nothing: "nothing" } as const;
  const names = Object.keys(checked) as (keyof typeof checked)[];
  for (const name of names) {
    const folder = join(peersFolder, "made", "types", checked[name]);
    await mkdir(folder, { recursive: true });
    const files = [`../../../programs/${checked[name]}.ts`];
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  }
  const runs = await inRounds(rounds, names, (name) =>
    runMeasured(["node_modules/typescript/bin/tsc", "-p", join("made", "types", checked[name])]),
  );
  const seconds = (name: keyof typeof checked): number => median(runs[name].map(({ cpuMs }) => cpuMs)) / 1000;
  return {
    title: "Type-checking a program that lists issues, processor time beyond that of an empty one",
    unit: "s",
    ours: "gitlab-agent-tools",
    values: Object.fromEntries(ways.map((way) => [way, seconds(way) - seconds("nothing")])),
    bar: { most: 1, of: "@gitbeaker/rest" },
  };
}
