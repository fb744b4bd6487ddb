import * as modules from "node:module";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/**
 * Where compiled code is kept: in a folder of the person's own. Whoever can write it runs code as them, and in Node's own
 * place for it, the folder for temporary files, somebody else may be first to make it.
 *
 * @see https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function compileCacheFolder(env: NodeJS.ProcessEnv, platform = process.platform): string | undefined {
  const { XDG_CACHE_HOME: cache, LOCALAPPDATA: local } = env;
  const named = platform === "win32" ? local : cache;
  try {
    const base = named !== undefined && isAbsolute(named) ? named : join(homedir(), ".cache");
    return join(base, "gitlab-agent-tools", "compiled");
  } catch {
    // Nobody's process: a container may run as a user that has no home.
    return undefined;
  }
}

/**
 * Keeps what V8 has compiled of this program for the next start, from Node 22.8 on: clients start an MCP server anew each
 * time, and most of that is compiling. A folder that cannot be written is no fault (https://nodejs.org/api/module.html#module-compile-cache).
 */
export function keepCompiled(): void {
  const { enableCompileCache } = modules as { readonly enableCompileCache?: (folder: string) => unknown };
  const folder = compileCacheFolder(process.env);
  if (folder !== undefined) enableCompileCache?.(folder);
}
