import { rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const made = new Map<string, Promise<string>>();

/** A script of this folder as plain JavaScript, made once: processes of it start without a compiler in each. */
export function scriptOf(name: string): Promise<string> {
  const script = made.get(name) ?? make(name);
  made.set(name, script);
  return script;
}

async function make(name: string): Promise<string> {
  const outdir = join(process.cwd(), "node_modules", ".cache", `${name}-${process.pid}`);
  await build({
    entryPoints: [join("test", "support", `${name}.ts`)],
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    outdir,
  });
  process.once("exit", () => rmSync(outdir, { recursive: true, force: true }));
  return join(outdir, `${name}.js`);
}
