import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { specCommand } from "../../src/cli/spec.js";

const page = await readFile("docs/spec-updates.md", "utf8");
const recipes = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => parse(text) as unknown);

interface GitLabJob {
  readonly rules: readonly { readonly if: string }[];
  readonly variables: Readonly<Record<string, string>>;
  readonly script: readonly string[];
}
interface Workflow {
  readonly on: { readonly schedule: readonly { readonly cron: string }[] };
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<
    Record<
      string,
      { readonly env: Readonly<Record<string, string>>; readonly steps: readonly { readonly run?: string }[] }
    >
  >;
}

const isWorkflow = (recipe: unknown): recipe is Workflow =>
  typeof recipe === "object" && recipe !== null && "jobs" in recipe;

const workflows = recipes.filter(isWorkflow);
const jobs = recipes
  .filter((recipe) => !isWorkflow(recipe))
  .flatMap((recipe) => Object.values(recipe as Record<string, GitLabJob>));
const scripts = [
  ...jobs.map(({ script }) => script.join("\n")),
  ...workflows.flatMap((workflow) =>
    Object.values(workflow.jobs).map(({ steps }) => steps.flatMap(({ run }) => run ?? []).join("\n")),
  ),
];

test("the recipes are YAML of the form that GitLab CI and GitHub Actions read", () => {
  expect([jobs.length, workflows.length]).toEqual([2, 1]);
  for (const job of jobs) {
    expect(job.rules).toEqual([{ if: '$CI_PIPELINE_SOURCE == "schedule"' }]);
    expect(job.script.every((line) => typeof line === "string")).toBe(true);
    expect(Object.values(job.variables).every((value) => typeof value === "string")).toBe(true);
  }
  for (const { on, permissions } of workflows) {
    expect(on.schedule.map(({ cron }) => cron.split(" "))).toEqual([["0", "6", "25", "*", "*"]]);
    expect(permissions).toEqual({ contents: "write", "pull-requests": "write" });
  }
});

test("their scripts are what a shell understands", async () => {
  for (const script of scripts) await promisify(execFile)("sh", ["-n", "-c", script]);
  expect(scripts).toHaveLength(3);
});

test("their commands are commands of ours, with options that there are", () => {
  const known = new Map(specCommand().commands.map((command) => [command.name(), command]));
  const used = scripts.flatMap((script) => [...script.matchAll(/(?:main\.ts|gitlab-agent-tools) spec (\w+)(.*)$/gm)]);
  for (const [, name = "", rest = ""] of used) {
    const options = known.get(name)?.options.map(({ long }) => long) ?? [];
    for (const [option] of rest.matchAll(/--[a-z-]+/g)) expect(options).toContain(option);
  }
  expect(used.map(([, name]) => name)).toEqual(["diff", "update", "diff", "diff", "update"]);
});

test("a token stands in no address", () => {
  for (const script of scripts) expect(script).not.toMatch(/:\/\/[^\s"]*TOKEN/);
});
