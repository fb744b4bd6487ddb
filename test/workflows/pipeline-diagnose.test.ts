import type { EmulatorSeed, GitLabEmulator, JobRun, RunOptions } from "gitlab-agent-tools/testing";
import { createToolbox } from "gitlab-agent-tools/toolbox";
import {
  jobRetry,
  mergeRequestCreate,
  pipelineCancel,
  pipelineDiagnose,
  type PipelineDiagnoseInput,
} from "gitlab-agent-tools/tools";
import { countTokens } from "gpt-tokenizer";
import { describe, expect, test } from "vitest";
import { failingPart } from "../../src/workflows/failing-log.js";
import { refusal, stage } from "../support/people.js";

const project_id = "acme/shop";

const config = `stages: [build, test]
compile: { stage: build, script: [make] }
unit:
  stage: test
  script: [make test]
  artifacts: { reports: { junit: report.xml } }
lint: { stage: test, script: [make lint] }
audit: { stage: test, script: [make audit], allow_failure: true }
`;

const seed = (ci = config): EmulatorSeed => ({
  users: [{ username: "ada" }],
  projects: [
    {
      path: project_id,
      members: { ada: 40 },
      branches: {
        main: { ".gitlab-ci.yml": ci, "README.md": "# Shop\n" },
        feature: { ".gitlab-ci.yml": ci, "README.md": "# Shop, better\n" },
      },
    },
  ],
});

const start = (name: string): string => `\u001b[0Ksection_start:1700000000:${name}[collapsed=true]\r\u001b[0K`;
const end = (name: string): string => `\u001b[0Ksection_end:1700000001:${name}\r\u001b[0K`;

const unit: JobRun = {
  output: [
    `${start("install")}Installing\u001b[0m`,
    "added 200 packages",
    end("install"),
    "\u001b[31m✗ totals\u001b[39m",
    "AssertionError: expected 3 to equal 4",
  ],
  tests: [
    { name: "adds", status: "success" },
    {
      name: "totals",
      status: "failed",
      file: "test/cart.test.ts",
      output: "\u001b[31mexpected 3 to equal 4\u001b[0m\n  at cart.test.ts:7",
    },
  ],
};

/** Runs a pipeline of a branch as a push would. */
function run(emulator: GitLabEmulator, ref: string, options: RunOptions = {}): number {
  const { state } = emulator;
  const project = state.projectByPath(project_id);
  const pipeline = state.planning.latestPipeline(project?.id ?? 0, ref);
  if (!pipeline) throw new Error(`no pipeline on ${ref}`);
  emulator.runPipeline(pipeline.id, options);
  return pipeline.id;
}

async function scene(options: Parameters<typeof stage>[0] = {}, client: Parameters<typeof stage>[1] = {}) {
  const staged = await stage({ seed: seed(), ...options }, client);
  const ada = await staged.as("ada");
  const start = async (ref: string): Promise<number> => {
    const { data } = await staged.gitlab.executeTool({
      identifier: ada.identifier,
      toolName: "gitlab_pipeline_create",
      toolInput: { project_id, ref },
    });
    return data.id;
  };
  const diagnose = async (input: Omit<PipelineDiagnoseInput, "project_id"> = {}) =>
    (await pipelineDiagnose(ada, { project_id, ...input })).data;
  return { ...staged, ada, start, diagnose };
}

describe("gitlab_pipeline_diagnose", () => {
  test("says which jobs of the default branch failed, in which section, with the lines and tests that say why", async () => {
    const { emulator, diagnose, start, requests } = await scene();
    const id = await start("main");
    run(emulator, "main", { outcomes: { unit: "failed", audit: "failed" }, jobs: { unit } });
    requests();
    const found = await diagnose();
    expect(found.summary).toBe(
      `Pipeline ${id} on main: failed. 1 job failed: unit. 1 job failed and may: audit. 1 test failed.`,
    );
    expect(found.pipeline).toMatchObject({ id, status: "failed", ref: "main", source: "api" });
    expect(found.failed_jobs).toEqual([
      {
        id: expect.any(Number) as number,
        job: "unit",
        stage: "test",
        failure_reason: "script_failure",
        section: "step_script",
        log: [
          'Executing "step_script" stage of the job script',
          "$ make test",
          "Installing",
          "added 200 packages",
          "✗ totals",
          "AssertionError: expected 3 to equal 4",
          "ERROR: Job failed: exit code 1",
        ].join("\n"),
      },
    ]);
    expect(found.allowed_failures).toMatchObject([
      { job: "audit", log: expect.stringContaining("exit code 1") as string },
    ]);
    expect(found.failed_tests).toEqual([
      { name: "totals", job: "unit", file: "test/cart.test.ts", output: "expected 3 to equal 4\n  at cart.test.ts:7" },
    ]);
    expect(JSON.stringify(found)).not.toMatch(/\\u001b|section_(?:start|end)/);
    // The pipeline, its jobs, a log for each failed one, the test report.
    expect(requests()).toHaveLength(5);
  });

  test("of a merge request: whether its jobs fail on the default branch too, in six calls and one for each job", async () => {
    const { ada, emulator, diagnose, start, requests } = await scene();
    await start("main");
    run(emulator, "main", { outcomes: { lint: "failed" } });
    await start("feature");
    run(emulator, "feature", { outcomes: { lint: "failed", unit: "failed" }, jobs: { unit } });
    const { data } = await mergeRequestCreate(ada, {
      ...{ project_id, source_branch: "feature", target_branch: "main", title: "Better" },
    });
    requests();
    const found = await diagnose({ merge_request_iid: data.iid });
    expect(found.pipeline.ref).toBe("feature");
    expect(found.failed_jobs?.map(({ job, default_branch }) => [job, default_branch?.status])).toEqual([
      ["unit", "success"],
      ["lint", "failed"],
    ]);
    expect(found.summary).toContain("1 of them fail on main too.");
    expect(requests().length).toBeLessThanOrEqual(2 + 6);
  });

  test("earlier runs of a job in the same pipeline", async () => {
    const { ada, emulator, diagnose, start } = await scene();
    const pipeline_id = await start("feature");
    run(emulator, "feature", {
      outcomes: { lint: "failed" },
      jobs: { lint: { failureReason: "runner_system_failure" } },
    });
    const [first] = (await diagnose({ pipeline_id })).failed_jobs ?? [];
    await jobRetry(ada, { project_id, job_id: first?.id ?? 0 });
    run(emulator, "feature", { outcomes: { lint: "failed" } });
    const [again] = (await diagnose({ pipeline_id })).failed_jobs ?? [];
    expect(again?.id).not.toBe(first?.id);
    expect(again?.earlier_runs).toEqual([{ status: "failed", failure_reason: "runner_system_failure" }]);
    await jobRetry(ada, { project_id, job_id: again?.id ?? 0 });
    run(emulator, "feature");
    const mended = await diagnose({ ref: "feature" });
    expect(mended.failed_jobs).toBeUndefined();
    expect(mended).toMatchObject({ pipeline: { status: "success" }, next: "Nothing has to be mended." });
  });

  test("a pipeline that has not ended is waited for, and of one that was canceled nothing is said", async () => {
    const { ada, emulator, diagnose, start } = await scene();
    const pipeline_id = await start("feature");
    expect((await diagnose({ pipeline_id })).next).toBe(
      `It has not ended: call gitlab_pipeline_wait with pipeline_id ${pipeline_id}.`,
    );
    await pipelineCancel(ada, { project_id, pipeline_id });
    expect((await diagnose({ pipeline_id })).next).toBe(
      "It was canceled, which says nothing of the code: gitlab_pipeline_retry runs the rest.",
    );
    expect(emulator.requests.every(({ status }) => status < 500)).toBe(true);
  });

  test("what is not the code's fault is to be run again", async () => {
    const { emulator, diagnose, start } = await scene();
    await start("main");
    run(emulator, "main", { outcomes: { lint: "failed" }, jobs: { lint: { failureReason: "runner_system_failure" } } });
    const found = await diagnose();
    expect(found.reasons).toEqual({ runner_system_failure: "the runner broke down" });
    expect(found.next).toContain("gitlab_pipeline_retry");
  });

  test("a configuration that is wrong", async () => {
    const { emulator, ada, diagnose, requests } = await scene();
    const { data } = await pipelineOfBrokenConfig(ada, emulator);
    requests();
    const found = await diagnose({ ref: data });
    expect(found).toMatchObject({
      pipeline: { status: "failed", ref: "broken" },
      yaml_errors: expect.stringContaining("unknown keys: scirpt") as string,
      next: expect.stringContaining("gitlab_ci_lint") as string,
    });
    expect(requests()).toHaveLength(1);
  });

  test("a pipeline that another one started", async () => {
    const { emulator, diagnose, start } = await scene();
    const id = await start("main");
    const pipeline = emulator.state.planning.pipelines.find((one) => one.id === id);
    if (!pipeline) throw new Error("no pipeline");
    run(emulator, "main");
    pipeline.status = "failed";
    emulator.on("GET", "/projects/:id/pipelines/:pipeline_id/bridges", () => ({
      status: 200,
      body: [
        {
          ...{ id: 9, name: "deploy", status: "failed", failure_reason: "downstream_pipeline_creation_failed" },
          downstream_pipeline: { id: 77, project_id: 5, status: "failed" },
        },
        { id: 10, name: "docs", status: "success", downstream_pipeline: { id: 78, project_id: 5 } },
      ],
    }));
    const found = await diagnose();
    expect(found.downstream).toEqual([
      { job: "deploy", failure_reason: "downstream_pipeline_creation_failed", project_id: 5, pipeline_id: 77 },
    ]);
    expect(found.reasons).toEqual({
      downstream_pipeline_creation_failed: "the downstream pipeline could not be created",
    });
    expect(found.next).toContain("gitlab_pipeline_diagnose");
  });

  test("a log that may not be read is said, and the rest is told", async () => {
    const { ada, emulator, start } = await scene();
    await start("main");
    run(emulator, "main", { outcomes: { unit: "failed", lint: "failed" }, jobs: { unit } });
    emulator.faults.add({ path: /\/trace$/, status: 403, times: 1 });
    const { data, warnings } = await pipelineDiagnose(ada, { project_id });
    expect(data.failed_jobs).toHaveLength(2);
    expect(data.failed_jobs?.filter(({ log }) => log !== undefined)).toHaveLength(1);
    expect(warnings?.join()).toMatch(/The log of (?:unit|lint) could not be read/);
  });

  test("a private key in a log is hidden before its end is all that is left", async () => {
    const { emulator, start, diagnose } = await scene();
    await start("main");
    const body = Array.from(
      { length: 200 },
      (_, line) => `${"MIIEvQIBADANBgkqhkiG9w0BAQEFAASC".repeat(2)}${String(line)}`,
    );
    const output = ["-----BEGIN PRIVATE KEY-----", ...body, "-----END PRIVATE KEY-----", "boom"];
    run(emulator, "main", { outcomes: { lint: "failed" }, jobs: { lint: { output } } });
    const found = JSON.stringify(await diagnose());
    expect(found).toContain("boom");
    expect(found).not.toContain("MIIEvQ");
  });

  test("no pipeline, and two ways of naming one, are refused", async () => {
    const { ada, diagnose } = await scene();
    expect((await refusal(diagnose({ ref: "feature" }))).code).toBe("not_found");
    const { data } = await mergeRequestCreate(ada, {
      ...{ project_id, source_branch: "feature", target_branch: "main", title: "Better" },
    });
    const none = await refusal(diagnose({ merge_request_iid: data.iid }));
    expect(none).toMatchObject({ code: "not_found", message: "acme/shop!1 has no pipeline." });
    expect((await refusal(diagnose({ ref: "main", pipeline_id: 1 }))).code).toBe("invalid_input");
  });

  test("thirty failed jobs with long logs and as many failed tests take at most 4,000 tokens, marked or not", async () => {
    const names = Array.from({ length: 30 }, (_, index) => `job number ${String(index)}`);
    const many = names
      .map((name) => `${name}: { script: [make], artifacts: { reports: { junit: report.xml } } }`)
      .join("\n");
    const { ada, gitlab, emulator, start, requests } = await scene({ seed: seed(`${many}\n`) });
    await start("main");
    const output = Array.from(
      { length: 120 },
      (_, line) => `src/file${String(line)}.ts(${String(line)},7): error TS2304: Cannot find name 'x${String(line)}'.`,
    );
    const tests = Array.from({ length: 10 }, (_, index) => ({
      ...{
        name: `does thing ${String(index)}`,
        status: "failed" as const,
        output: `${"expected ".repeat(50)}\n`.repeat(8),
      },
    }));
    run(emulator, "main", {
      outcomes: Object.fromEntries(names.map((name) => [name, "failed" as const])),
      jobs: Object.fromEntries(names.map((name) => [name, { output, tests }])),
    });
    for (const untrusted of ["plain", "wrap"] as const) {
      const toolbox = createToolbox({
        gitlab,
        identifier: ada.identifier,
        select: { level: "extended" },
        policy: { untrusted },
      });
      requests();
      const { text, isError } = await toolbox.run("gitlab_pipeline_diagnose", { project_id });
      expect(isError).toBe(false);
      expect(countTokens(text)).toBeLessThanOrEqual(4_000);
      expect(text).toContain("error TS2304");
      expect(text).toContain('"more":{"failed_jobs":15,"failed_tests":290}');
      expect(requests().length).toBeLessThanOrEqual(8 + 6);
    }
  });

  test("a pipeline of more than a hundred jobs: the failed ones are asked for by themselves", async () => {
    const names = Array.from({ length: 120 }, (_, index) => `part${String(index)}`);
    const { emulator, start, diagnose, requests } = await scene({
      seed: seed(names.map((name) => `${name}: { script: [make] }`).join("\n")),
    });
    await start("main");
    run(emulator, "main", { outcomes: { part0: "failed", part119: "failed" } });
    requests();
    expect((await diagnose()).failed_jobs?.map(({ job }) => job)).toEqual(["part0", "part119"]);
    expect(requests()).toHaveLength(5);
  });

  test("logs of GitLab.com, whose lines are stamped", async () => {
    const { emulator, start, diagnose } = await scene({ instance: "gitlab.com" });
    for (const user of emulator.state.users.values()) user.verified = true;
    await start("main");
    run(emulator, "main", { outcomes: { unit: "failed" }, jobs: { unit } });
    const [job] = (await diagnose()).failed_jobs ?? [];
    expect(job).toMatchObject({ section: "step_script", log: expect.stringContaining("exit code 1") as string });
    expect(job?.log).toMatch(/\nadded 200 packages\n✗ totals\n/);
  });

  test("runs where only reads are allowed, and a dry run sends nothing", async () => {
    const { ada, start, requests } = await scene({}, {});
    await start("main");
    const { data } = await pipelineDiagnose(ada, { project_id }, { policy: { access: "read" } });
    expect(data.pipeline.status).toBe("pending");
    requests();
    const dry = await pipelineDiagnose(ada, { project_id }, { dryRun: true });
    expect(dry.data).toMatchObject({ method: "GET", url: expect.stringContaining("/pipelines/latest") as string });
    expect(requests()).toEqual([]);
  });
});

/** A branch whose push makes a pipeline without jobs. */
async function pipelineOfBrokenConfig(ada: Parameters<typeof pipelineDiagnose>[0], emulator: GitLabEmulator) {
  const { commitCreate } = await import("gitlab-agent-tools/tools");
  await commitCreate(ada, {
    ...{ project_id, branch: "broken", start_branch: "main", commit_message: "Typo" },
    actions: [{ action: "update", file_path: ".gitlab-ci.yml", content: "unit: { scirpt: [x], script: [y] }\n" }],
  });
  expect(emulator.state.planning.pipelines.at(-1)?.yamlErrors).toBeTruthy();
  return { data: "broken" };
}

// https://docs.gitlab.com/ci/jobs/job_logs/
describe("the section that failed", () => {
  const log = (...lines: string[]): string => `${lines.join("\n")}\n`;
  const verdict = "ERROR: Job failed: exit code 2";
  const failed = `\u001b[31;1m${verdict}`;

  test.each<[name: string, text: string, section: string | undefined, lines: string[]]>([
    [
      "the last one that did not end by itself",
      log(
        start("step_script"),
        "$ make",
        start("unit_tests"),
        "boom",
        end("step_script"),
        start("cleanup_file_variables"),
        "Cleaning",
        end("cleanup_file_variables"),
        failed,
      ),
      "unit_tests",
      ["boom", verdict],
    ],
    [
      "where all have ended, the job's own",
      log(
        start("step_script"),
        "$ make",
        "boom",
        end("step_script"),
        start("after_script"),
        "bye",
        end("after_script"),
        start("upload_artifacts_on_failure"),
        "up",
        end("upload_artifacts_on_failure"),
        failed,
      ),
      "step_script",
      ["$ make", "boom", verdict],
    ],
    [
      "the runner's, before the script began",
      log(start("prepare_executor"), "Pulling image", "ERROR: manifest unknown", end("prepare_executor"), failed),
      "prepare_executor",
      ["Pulling image", "ERROR: manifest unknown", verdict],
    ],
    [
      "the last line is the runner's, whatever the script printed",
      log(
        start("step_script"),
        "ERROR: Job failed: I say so",
        "boom",
        end("step_script"),
        "ERROR: Job failed (system failure): pod gone",
      ),
      "step_script",
      ["ERROR: Job failed: I say so", "boom", "ERROR: Job failed (system failure): pod gone"],
    ],
    [
      "of a window, the one that began before",
      log("boom", end("step_script"), failed),
      "step_script",
      ["boom", verdict],
    ],
    ["none: the whole log", log("boom", "", "boom", failed), undefined, ["boom", verdict]],
    ["an empty log", "", undefined, []],
  ])("%s", (_, text, section, lines) => {
    expect(failingPart(text)).toEqual({ ...(section && { section }), lines });
  });
});
