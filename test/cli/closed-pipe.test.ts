import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { commandLine } from "../support/command-line.js";

test("output that nobody reads any more ends the command quietly", async () => {
  const child = spawn(process.execPath, [...commandLine, "tools", "export", "--format", "openai"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.destroy();
  const [errors] = await Promise.all([text(child.stderr), once(child, "close")]);
  expect(errors).toBe("");
});
