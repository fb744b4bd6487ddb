import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs in a process of its own: writes down which packages are loaded, and hides those that are not to be found. */
const hooks = `
import { writeSync } from "node:fs";
export async function initialize({ hidden }) { globalThis.hidden = hidden; }
export async function resolve(specifier, context, next) {
  if (globalThis.hidden.includes(specifier)) {
    throw Object.assign(new Error("Cannot find package " + specifier), { code: "ERR_MODULE_NOT_FOUND" });
  }
  const resolved = await next(specifier, context);
  const name = /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)\\//.exec(resolved.url)?.[1];
  if (name) writeSync(2, "loaded " + name + "\\n");
  const own = /\\/node_modules\\/gitlab-agent-tools\\/dist\\/([^?]+)$/.exec(resolved.url)?.[1];
  if (own) writeSync(2, "own " + own + "\\n");
  return resolved;
}`;

export interface LoadedRun {
  readonly stdout: string;
  /** What else it wrote to standard error, such as a warning. */
  readonly warned: string;
  /** Packages by name. */
  readonly loaded: ReadonlySet<string>;
  /** Files of this package, below its `dist/`. */
  readonly own: readonly string[];
}

/** Carries out an ES module in `cwd`, as if the packages `hidden` were not installed. */
export async function load(cwd: string, code: string, hidden: readonly string[] = []): Promise<LoadedRun> {
  const data = JSON.stringify({ data: { hidden } });
  const register = `import { register } from "node:module"; register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)}, import.meta.url, ${data});`;
  const hook = `data:text/javascript,${encodeURIComponent(register)}`;
  const { stdout, stderr } = await run(process.execPath, ["--import", hook, "--input-type=module", "-e", code], {
    cwd,
  });
  const loaded = [...stderr.matchAll(/^loaded (.+)$/gm)].map(([, name]) => name ?? "");
  const own = [...stderr.matchAll(/^own (.+)$/gm)].map(([, file]) => file ?? "");
  const warned = stderr.replaceAll(/^(?:loaded|own) .+\n/gm, "");
  return { stdout, warned, loaded: new Set(loaded), own: [...new Set(own)] };
}
