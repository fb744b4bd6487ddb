// Preloaded into a process that is measured: when it ends, file descriptor 3 hears what it has cost, threads included.
import { writeSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

if (isMainThread) {
  process.on("SIGTERM", () => process.exit());
  process.on("exit", () => {
    const { user, system } = process.cpuUsage();
    const { maxRSS } = process.resourceUsage();
    writeSync(3, JSON.stringify({ cpuMs: (user + system) / 1000, megabytes: maxRSS / 1024 }));
  });
}
