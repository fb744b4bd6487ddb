import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = process.cwd();

export interface Packed {
  /** A project of its own. */
  readonly folder: string;
  /** The package in the project's node_modules. */
  readonly installed: string;
  readonly tarball: string;
  readonly files: readonly string[];
  readonly remove: () => Promise<void>;
}

/** The built package as npm would publish it, installed in a project of its own with this project's dependencies. */
export async function installPacked(): Promise<Packed> {
  const folder = await mkdtemp(join(tmpdir(), "packed-"));
  const pack = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const { stdout } = await run("npm", pack, { cwd: root, maxBuffer: 16 * 2 ** 20 });
  const listed: unknown = JSON.parse(stdout);
  // npm 10 lists the packages, npm 11 may name them.
  const [first] = Object.values(listed as Record<string, { filename: string; files: { path: string }[] }>);
  if (!first) throw new Error("npm pack said nothing");
  const tarball = join(folder, first.filename);
  const installed = join(folder, "node_modules", "gitlab-agent-tools");
  await mkdir(installed, { recursive: true });
  await run("tar", ["-xzf", tarball, "-C", installed, "--strip-components=1"]);
  await symlink(join(root, "node_modules"), join(installed, "node_modules"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  return { folder, installed, tarball, files: first.files.map(({ path }) => path), remove };
}
