#!/usr/bin/env node
import { run } from "./program.js";

// Whoever reads the output has seen enough: `gitlab-agent-tools tools list | head -3`.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    throw error;
  });
}

process.exitCode = await run(process.argv.slice(2));
