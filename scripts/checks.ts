/**
 * What `npm test` asks before it tests: each is a script of package.json. As many run at once as there are cores, the
 * longest first; what one of them said is printed when it has ended, and one that fails ends the rest.
 */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";

const checks = ["lint", "typecheck", "build", "format:check"];

const atOnce = Math.min(checks.length, Math.max(2, availableParallelism()));

/**
 * TypeScript and the linter's reader of types are written in Go. Each has its share of the cores, because they work out
 * many types again for every one more, and collects garbage less often: https://pkg.go.dev/runtime#hdr-Environment_Variables
 */
const env = {
  ...process.env,
  GOMAXPROCS: String(Math.max(1, Math.floor(availableParallelism() / atOnce))),
  GOGC: "400",
};

const stop = new AbortController();

async function check(name: string): Promise<boolean> {
  const began = performance.now();
  const child = spawn("npm", ["run", "-s", name], { env, signal: stop.signal, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const keep = (text: Buffer): void => void (said += text.toString());
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const passed = await new Promise<boolean>((resolve) => {
    child.on("error", () => resolve(false)).on("close", (code) => resolve(code === 0));
  });
  if (!passed && stop.signal.aborted) return false;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${passed ? "passed" : "FAILED"} ${name} (${seconds} s)${said === "" ? "" : `\n${said}`}`);
  return passed;
}

const waiting = checks.values();

async function work(): Promise<void> {
  for (const name of waiting) {
    if (stop.signal.aborted) return;
    if (await check(name)) continue;
    process.exitCode = 1;
    stop.abort();
    return;
  }
}

await Promise.all(Array.from({ length: atOnce }, work));
