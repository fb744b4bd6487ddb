import { execFileSync, fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { GitLabOptions } from "gitlab-agent-tools";
import type { ReplicaAnswer, ReplicaOrder } from "./replica-messages.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The sources at a commit, in a folder of their own; `undefined` where the history is not here. */
export function sourcesAt(commit: string): string | undefined {
  try {
    execFileSync("git", ["cat-file", "-e", `${commit}^{commit}`], { cwd: root, stdio: "ignore" });
  } catch {
    return undefined;
  }
  const folder = scratch("sources");
  const packed = execFileSync("git", ["archive", commit, "src", "generated", "package.json"], {
    cwd: root,
    maxBuffer: 1 << 28,
  });
  execFileSync("tar", ["-x", "-C", folder], { input: packed });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** Below our own packages, which modules find from there. */
function scratch(name: string): string {
  const cache = join(root, "node_modules", ".cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, `${name}-`));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A script that is a replica of the version whose sources lie there. Default: of this one. */
export async function buildReplica(sources = root): Promise<string> {
  const outdir = scratch("replica");
  await build({
    entryPoints: [join(root, "test", "support", "replica.ts")],
    alias: {
      "gitlab-agent-tools": join(sources, "src", "index.ts"),
      "#transport": join(sources, "src", "http", "node-transport.ts"),
    },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    external: ["libsql", "pg", "undici", "better-sqlite3", "kysely"],
    outdir,
  });
  return join(outdir, "replica.js");
}

export class Replica {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #last = 0;
  readonly ready: Promise<unknown>;

  constructor(script: string, options: GitLabOptions & { readonly offsetMs?: number }) {
    this.#child = fork(script, {
      execArgv: [],
      env: { ...process.env, REPLICA: JSON.stringify({ offsetMs: 0, ...options }) },
    });
    this.ready = this.#answerTo(0);
    this.#child.on("message", ({ id, result, error }: ReplicaAnswer) => {
      const waiting = this.#waiting.get(id);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(new Error(error));
    });
    this.#child.on("exit", (code, signal) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`replica ended with ${code ?? signal}`));
    });
  }

  async #answerTo(id: number): Promise<unknown> {
    return await new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  async do<Result>(method: string, params: unknown = {}): Promise<Result> {
    await this.ready;
    const id = (this.#last += 1);
    this.#child.send({ id, method, params } satisfies ReplicaOrder);
    return (await this.#answerTo(id)) as Result;
  }

  async kill(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill(signal);
    await ended;
  }
}
