import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./postgres.js";

/** Debian's package puts it where only administrators look. */
const places = ["pgbouncer", "/usr/sbin/pgbouncer"];

/** How PgBouncer is called on this machine; `undefined` where it is not installed. */
export const pgbouncer = places.find((place) => spawnSync(place, ["--version"]).status === 0);

/**
 * A PgBouncer before the database of a URL, in its transaction mode: a client has one of two connections for a
 * transaction, and perhaps the other one for the next.
 */
export async function startPgBouncer(
  url: string,
  { connections = 2, clients = 200 } = {},
): Promise<{ readonly url: string; readonly pid: number | undefined; stop(): Promise<void> }> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const folder = await mkdtemp(join(tmpdir(), "gitlab-agent-tools-pgbouncer-"));
  const own = await freePort();
  const name = pathname.slice(1);
  const settings = join(folder, "pgbouncer.ini");
  await writeFile(
    settings,
    `[databases]
${name} = host=${hostname} port=${port} user=${username} password=${password} dbname=${name}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${own}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${connections}
max_client_conn = ${clients}
`,
  );
  // It does not run as root, and then has to read this as somebody else.
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await Promise.all([chmod(folder, 0o755), chmod(settings, 0o644)]);
  const child = spawn(pgbouncer ?? "pgbouncer", [...(isRoot ? ["-u", "nobody"] : []), settings], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const gone = once(child, "exit");
  await new Promise<void>((resolve, reject) => {
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (/process up/.test(said)) resolve();
    });
    gone.then(() => reject(new Error(`PgBouncer ended: ${said}`)), reject);
  });
  const through = new URL(url);
  through.port = String(own);
  return {
    url: through.href,
    pid: child.pid,
    async stop() {
      child.kill();
      await gone;
      await rm(folder, { recursive: true });
    },
  };
}
