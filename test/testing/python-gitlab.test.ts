import { execFile, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { setup } from "./client.js";

const { emulator, token } = setup();
const flow = fileURLToPath(new URL("python_gitlab_flow.py", import.meta.url));
// Debian's package is for the system's own Python.
const python = ["/usr/bin/python3", "python3"].find(
  (command) => spawnSync(command, ["-c", "import gitlab"]).status === 0,
);

test.skipIf(python === undefined)(
  "python-gitlab works with the emulator through every area (skipped without it: apt-get install python3-gitlab)",
  async () => {
    const tokens = [token("ada"), token("ben")];
    await promisify(execFile)(python ?? "", [flow, emulator().baseUrl, ...tokens]);
    const odd = emulator().requests.filter(
      ({ servedBy, status }) => !["special", "resource"].includes(servedBy) || status >= 400,
    );
    expect(odd.map(({ method, path, status, servedBy }) => [method, path, status, servedBy])).toEqual([]);
  },
);
