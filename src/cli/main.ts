#!/usr/bin/env node
import { keepCompiled } from "./compile-cache.js";

// Whoever reads the output has seen enough: `gitlab-agent-tools tools list | head -3`.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    throw error;
  });
}

keepCompiled();
// Only what is loaded from here on is kept.
const { run } = await import("./program.js");
process.exitCode = await run(process.argv.slice(2));
