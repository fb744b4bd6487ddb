import { GitLabToolError } from "gitlab-agent-tools";
import type { JobRun } from "gitlab-agent-tools/testing";
import { createToolbox } from "gitlab-agent-tools/toolbox";
import { jobLogGet, type JobLogGetInput } from "gitlab-agent-tools/tools";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readLog } from "../../src/views/log-lines.js";
import { startEmulated, type Emulated } from "../support/emulated.js";

const start = (name: string, header = ""): string => `\u001b[0Ksection_start:1700000000:${name}\r\u001b[0K${header}`;
const end = (name: string): string => `\u001b[0Ksection_end:1700000009:${name}\r\u001b[0K`;

const output = [
  start("install[collapsed=true]", "\u001b[36mInstalling\u001b[0m"),
  "added 12 packages",
  end("install"),
  ...Array.from({ length: 50 }, (_, index) => `compiling file ${String(index)}`),
  "\u001b[31mError\u001b[0m: cannot find module './hepler'",
  "    at src/main.ts:3:1",
  ...Array.from({ length: 20 }, (_, index) => `waiting ${String(index)}`),
  "10%\r60%\rfailed to build",
];

let emulated: Emulated & { readonly close: () => Promise<void> };
let job_id = 0;

/** The newest run of `unit tests` on main, with a log of our own. */
function failing(jobs: JobRun): number {
  const { state } = emulated.emulator;
  const project = state.projectByPath("acme/app");
  const pipeline = state.planning.latestPipeline(project?.id ?? 0, "main");
  const job = pipeline?.jobs.find(({ name, retried }) => name === "unit tests" && !retried);
  if (!job) throw new Error("The emulator has no such job");
  Object.assign(job, { status: "failed", failureReason: "script_failure", ...jobs });
  return job.id;
}

beforeAll(async () => {
  emulated = await startEmulated();
  job_id = failing({ output });
});

afterAll(() => emulated.close());

const project_id = "acme/app";
const log = async (input: Omit<JobLogGetInput, "project_id" | "job_id">): Promise<string> =>
  (await jobLogGet(emulated.gitlab.as("user_ada"), { project_id, job_id, ...input })).data;

const shown = async (input: object, maxResultTokens?: number) => {
  const toolbox = createToolbox({
    gitlab: emulated.gitlab,
    identifier: "user_ada",
    ...(maxResultTokens !== undefined && { maxResultTokens }),
  });
  return await toolbox.run("gitlab_job_log_get", { project_id, job_id, ...input });
};

test("a job that is not there is looked for among the jobs, and not among the projects", async () => {
  await expect(jobLogGet(emulated.gitlab.as("user_ada"), { project_id: "acme/app", job_id: 1 })).rejects.toMatchObject({
    code: "not_found",
    hint: "Check job_id with gitlab_jobs_list, then call gitlab_job_log_get again.",
  });
});

describe("grep", () => {
  test("shows the lines that fit with their numbers and two around them, without colours", async () => {
    const whole = (await log({})).split("\n");
    const number = whole.findIndex((line) => line.includes("cannot find module")) + 1;
    expect((await log({ grep: "cannot FIND" })).split("\n")).toEqual([
      `${number - 2}-compiling file 48`,
      `${number - 1}-compiling file 49`,
      `${number}:Error: cannot find module './hepler'`,
      `${number + 1}-    at src/main.ts:3:1`,
      `${number + 2}-waiting 0`,
      "",
    ]);
  });

  test("takes several texts, parted by |, and as many lines around as are asked for", async () => {
    const found = await log({ grep: "hepler|failed to BUILD", context_lines: 0 });
    expect(found).toMatch(/^\d+:Error: cannot find module '.\/hepler'\n\d+:failed to build\n$/);
    const around = (await log({ grep: "hepler|failed to build", context_lines: 1 })).split("\n");
    expect(around.map((line) => line.replace(/^\d+/, "#"))).toEqual([
      "#-compiling file 49",
      "#:Error: cannot find module './hepler'",
      "#-    at src/main.ts:3:1",
      "--",
      "#-waiting 19",
      "#:failed to build",
      "#-Cleaning up project directory and file based variables",
      "",
    ]);
  });

  test("goes on from a line, and keeps the last of what it found", async () => {
    const all = (await log({ grep: "compiling", context_lines: 0 })).trimEnd().split("\n");
    expect(all).toHaveLength(50);
    const tenth = Number(/^\d+/.exec(all[9] ?? "")?.[0]);
    expect((await log({ grep: "compiling", context_lines: 0, start_line: tenth })).trimEnd().split("\n")).toEqual(
      all.slice(9),
    );
    expect((await log({ grep: "compiling", context_lines: 0, tail_lines: 3 })).trimEnd().split("\n")).toEqual(
      all.slice(-3),
    );
  });

  test("is no pattern: what would keep a server busy is looked for as it stands", async () => {
    expect(await log({ grep: "(a+)+$" })).toBe("");
    expect((await shown({ grep: "(a+)+$" })).text).toContain("No line has it");
  });

  test("says how to go on where not all of it fits", async () => {
    const { text } = await shown({ grep: "compiling", context_lines: 0 }, 400);
    const [, missing = "", next = ""] =
      /\[(\d+) more lines were found: "start_line": (\d+) goes on\]$/.exec(text) ?? [];
    const rest = await log({ grep: "compiling", context_lines: 0, start_line: Number(next) });
    expect(rest.trimEnd().split("\n")).toHaveLength(Number(missing));
  });
});

describe("section", () => {
  test("shows one part of the log, those inside of it included", async () => {
    expect(await log({ section: "install" })).toBe("Installing\nadded 12 packages\n");
    const script = await log({ section: "step_script" });
    expect(script).toContain("added 12 packages");
    expect(script).toContain("failed to build");
    expect(script).not.toContain("Job failed");
    expect(await log({ section: "step_script", grep: "hepler", context_lines: 0 })).toMatch(/^\d+:Error/);
    expect((await log({ section: "step_script", tail_lines: 1 })).trimEnd()).toBe("failed to build");
  });

  test("one that is not there is refused with those that are", async () => {
    const error = await log({ section: "step_scrip" }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(GitLabToolError);
    expect(error).toMatchObject({
      code: "not_found",
      message: expect.stringContaining("did you mean step_script?") as unknown,
      hint: expect.stringContaining("prepare_executor, prepare_script, get_sources, step_script, install") as unknown,
    });
  });

  test("its end is what a model gets where not all of it fits", async () => {
    const { text } = await shown({ section: "step_script" }, 400);
    expect(text).toMatch(/^\[The last \d+ of \d+ lines: "grep" finds others\]\n/);
    expect(text.trimEnd()).toMatch(/failed to build$/);
  });

  test("a search goes through a log of many megabytes and holds what it finds", async () => {
    const long = failing({ generatedLines: 60_000, output: ["the end"] });
    const { data } = await jobLogGet(emulated.gitlab.as("user_ada"), {
      project_id,
      job_id: long,
      section: "step_script",
      grep: "case 059999|the end",
      context_lines: 0,
    });
    expect(data.trimEnd().split("\n")).toHaveLength(2);
    failing({ generatedLines: 0, output });
  });

  test("cannot be had with max_bytes", async () => {
    await expect(log({ section: "step_script", max_bytes: 10 })).rejects.toMatchObject({ code: "invalid_input" });
  });
});

// What GitLab takes for a marker, and what the runner does with long lines: https://docs.gitlab.com/ci/jobs/job_logs/
describe("reading a log", () => {
  const namesAt = (text: string) =>
    readLog(text).lines.map((line) => `${line.text} <${line.sections.map(({ name }) => name).join(" ")}>`);

  test("what the runner parted is one line again, whatever its stream", () => {
    const stamped = [
      "2026-09-26T22:30:07.819673Z 01O first",
      "2026-09-26T22:30:07.819674Z 01O+ part",
      "2026-09-26T22:30:07.819675Z a1E second",
      `2026-09-26T22:30:07.819676Z 01O ${start("x")}inside`,
    ];
    expect(namesAt(stamped.join("\n"))).toEqual(["first part <>", "second <>", "inside <x>"]);
  });

  test("without stamps on the first line, what looks like one is text", () => {
    expect(namesAt("plain\n2026-09-26T22:30:07.819674Z 01O+text")).toEqual([
      "plain <>",
      "2026-09-26T22:30:07.819674Z 01O+text <>",
    ]);
  });

  test("a marker without its suffix is text", () => {
    expect(namesAt("section_start:1:a\ntext")).toEqual(["section_start:1:a <>", "text <>"]);
  });

  test("sections nest, and the end of one ends those inside of it", () => {
    const text = `${start("a")}\n1\n${start("b")}\n2\n${end("a")}${start("c")}head\n3\n${end("c")}\n4`;
    expect(namesAt(text)).toEqual(["1 <a>", "2 <a b>", "head <c>", "3 <c>", "4 <>"]);
    expect(readLog(text).sections.map(({ name, closed }) => [name, closed])).toEqual([
      ["a", true],
      ["b", false],
      ["c", true],
    ]);
  });

  test("an end without a start names what began before", () => {
    expect(namesAt(`1\n${end("step_script")}\n2`)).toEqual(["1 <step_script>", "2 <>"]);
  });

  test("takes time that grows with the log, however many sections it has", () => {
    const nested = Array.from({ length: 100_000 }, (_, index) => start(`s${String(index % 1000)}`)).join("\n");
    const { sections } = readLog(`${nested}\n${end("none").repeat(100_000)}\ntext`);
    expect(sections.length).toBeLessThanOrEqual(100);
    const hostile = `${"section_start:".repeat(200_000)}${"\u001b[0K".repeat(200_000)}\n${"1:".repeat(500_000)}`;
    expect(readLog(hostile).lines.length).toBeGreaterThan(0);
  });
});
