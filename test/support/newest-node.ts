import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Where Node 24 is: npm keeps what it has fetched, so only the first run takes its time. Nothing where npm cannot get it. */
export async function newestNode(): Promise<string | undefined> {
  const args = ["-y", "-p", "node@24", "node", "-p", "process.execPath"];
  const found = await run("npx", args, { cwd: tmpdir(), timeout: 100_000 }).catch(() => undefined);
  if (found === undefined) console.log("Node 24 was not tried: npm could not get it.");
  return found?.stdout.trim();
}
