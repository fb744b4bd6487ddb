import { build } from "esbuild";
import { expect, test } from "vitest";

/** The packages that a module of ours loads at once, however indirectly. */
async function loadedBy(entry: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    splitting: true,
    write: false,
    outdir: "unused",
    format: "esm",
    platform: "node",
    packages: "external",
    metafile: true,
  });
  const packages = new Set<string>();
  const walk = (output: string): void => {
    for (const { path, kind, external } of metafile.outputs[output]?.imports ?? []) {
      if (kind !== "import-statement") continue;
      if (!external) walk(path);
      else if (!path.startsWith("node:")) packages.add(path.replace(/^((?:@[^/]+\/)?[^/]+).*$/, "$1"));
    }
  };
  walk(Object.keys(metafile.outputs).find((output) => metafile.outputs[output]?.entryPoint === entry) ?? "");
  return [...packages].toSorted();
}

test("the handshake waits for no client, no store and no tool", async () => {
  expect(await loadedBy("src/cli/program.ts")).toEqual(["commander"]);
  expect(await loadedBy("src/cli/mcp-run.ts")).toEqual(["@modelcontextprotocol/server", "commander"]);
});

test("the list of tools waits for no client and no store", async () => {
  const packages = await loadedBy("src/mcp/personal.ts");
  for (const late of ["kysely", "pg", "libsql", "ky", "oauth4webapi", "hono", "@hono/node-server", "jose"])
    expect(packages).not.toContain(late);
});
