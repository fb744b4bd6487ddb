import { exec, execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { readDockerfile } from "./dockerfile.js";

/** What the context holds: deploy/Dockerfile.dockerignore leaves the rest out. */
const context = ["package.json", "package-lock.json", "tsconfig.json", "tsconfig.build.json", "README.md", "LICENSE"];
const folders = ["src", "codegen", "generated", "spec", "docs", "scripts"];
const notices = ["NOTICE", "CHANGELOG.md", "CONTRIBUTING.md"];

test("the Dockerfile's commands, run here, end with a command line that answers", async () => {
  const { stages, entrypoint } = await readDockerfile("deploy/Dockerfile");
  const root = await mkdtemp(join(tmpdir(), "image-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const [build, app] = [join(root, "build"), join(root, "app")];
  for (const path of [...context, ...folders, ...notices]) await cp(path, join(build, path), { recursive: true });
  await mkdir(app);
  const run = (command: string, cwd: string) => promisify(exec)(command, { cwd, maxBuffer: 2 ** 26 });
  for (const command of stages[0]?.run ?? []) await run(command, build);
  await cp(join(build, "packed"), join(app, "packed"), { recursive: true });
  for (const command of stages[1]?.run ?? []) await run(command, app);
  const [node = "", main = ""] = entrypoint;
  const ran = await promisify(execFile)(node, [main.replace("/app", app), "--version"]);
  expect(ran.stdout).toMatch(/^\d+\.\d+\.\d+/);
  for (const optional of ["pg", "@opentelemetry/exporter-prometheus"])
    await promisify(execFile)(node, ["-e", `import(${JSON.stringify(optional)})`], { cwd: app });
});
