import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { rolldown } from "rolldown";
import * as z from "zod/mini";
import { layersOf, type Imports } from "./bundle/layer-of.js";
import { alsoNamed, layers } from "./bundle/layers.js";

// Node takes longer to find and open a small file than to run it: what tsc has made, a file a module, becomes few files. What
// is imported by name stays where it was, and so do types. Others' packages stay outside, but for Kysely: its 220 files are
// half of what the first use of a SQL store takes, and no caller sees it. Lines stay lines: a stack trace is read, and to parse
// it all on one line takes as long.

const dist = resolve("dist");
const at = (file: string): string => join(dist, file);

type Target = string | { readonly [condition: string]: Target };
const Target: z.ZodMiniType<Target> = z.union([
  z.string(),
  z.record(
    z.string(),
    z.lazy(() => Target),
  ),
]);
const Manifest = z.object({ bin: Target, exports: Target, imports: Target });
const packageJson: unknown = JSON.parse(await readFile("package.json", "utf8"));
const { bin, exports, imports } = Manifest.parse(packageJson);

/** Paths of the files that package.json names. */
const named = [bin, exports, imports].flatMap(filesOf).map((file) => resolve(file));

function filesOf(target: Target): string[] {
  return typeof target === "string" ? [target] : Object.values(target).flatMap(filesOf);
}

/** Packages that are installed beside this one. Kysely is not: NOTICE has its licence. */
const isOthers = (id: string): boolean => !/^(?:[./]|kysely(?:\/|$))/.test(id);

/** Rows of data, a file for an area: a call by name loads those of its tool, and a bundle has those of its functions. */
const isRow = (file: string): boolean => file.startsWith(at("generated/rows/"));

/** What a file imports of this package's, by path. */
async function importsOf(file: string): Promise<string[]> {
  const text = await readFile(file, "utf8");
  return [...text.matchAll(/\b(?:from|import) ?\(?"(\.[^"]+)"/g)].map(([, path = ""]) => resolve(dirname(file), path));
}

const files = (await readdir(dist, { recursive: true })).map(at);
const built = files.filter((file) => file.endsWith(".js"));
const rows = built.filter(isRow);
// A row of a tool made of several calls names the file that carries it out.
const workflows = [...new Set((await Promise.all(rows.map(importsOf))).flat())];
const entries = [...new Set([...named.filter((file) => file.endsWith(".js")), ...alsoNamed.map(at), ...workflows])];

const layerOf = new Map<string, string>();
const bundle = await rolldown({
  input: Object.fromEntries(entries.map((file) => [relative(dist, file).replace(/\.js$/, ""), file])),
  cwd: dist,
  // Not Node's: what the bundler adds to a file imports nothing of Node's then.
  platform: "neutral",
  external: (id, importer) => isOthers(id) || (importer !== undefined && isRow(resolve(dirname(importer), id))),
  treeshake: { moduleSideEffects: false },
  // What is imported when it is needed may be there already, in a file that is loaded before.
  checks: { ineffectiveDynamicImport: false },
  plugins: [
    {
      name: "layers",
      buildEnd() {
        const own = (ids: readonly string[] = []): string[] => ids.filter((id) => id.startsWith(dist));
        const modules = new Map<string, Imports>();
        for (const id of own([...this.getModuleIds()])) {
          const info = this.getModuleInfo(id);
          modules.set(id, { now: own(info?.importedIds), later: own(info?.dynamicallyImportedIds) });
        }
        const imported = new Set([...modules.values()].flatMap(({ now, later }) => [...now, ...later]));
        const placed = Object.entries(layers).map(([name, { roots, after }]) => {
          const more = name === "workflows" ? workflows : [];
          return [name, { roots: [...roots.map(at), ...more], after }] as const;
        });
        for (const [file, layer] of layersOf(new Map(placed), modules))
          // An entry point that nothing else imports stays as it is: what it imports may not be installed.
          if (imported.has(file)) layerOf.set(file, layer);
      },
    },
  ],
});
const { output } = await bundle.generate({
  dir: dist,
  entryFileNames: "[name].js",
  chunkFileNames: "chunks/[name].js",
  comments: { jsdoc: false },
  minifyInternalExports: false,
  codeSplitting: {
    groups: Object.keys(layers).map((name, index, { length }) => ({
      name,
      priority: length - index,
      test: (id) => layerOf.get(id) === name,
    })),
  },
});

/** Types that an entry point leads to. */
async function typesOf(entryPoints: readonly string[]): Promise<Set<string>> {
  const found = new Set(entryPoints);
  // A set goes on to what is added to it meanwhile.
  for (const file of found) for (const path of await importsOf(file)) found.add(path.replace(/\.js$/, ".d.ts"));
  return found;
}

const types = await typesOf(named.filter((file) => file.endsWith(".d.ts")));
const unused = files.filter((file) =>
  file.endsWith(".d.ts") ? !types.has(file) : built.includes(file) && !isRow(file),
);
await Promise.all(unused.map((file) => rm(file)));
for (const { fileName, ...file } of output) {
  if (file.type !== "chunk") continue;
  await mkdir(dirname(at(fileName)), { recursive: true });
  await writeFile(at(fileName), file.code);
}
console.log(`dist: ${built.length} modules in ${output.length + rows.length} files`);
