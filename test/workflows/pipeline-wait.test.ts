import {
  ciLint,
  commitCreate,
  pipelineCreate,
  mergeRequestCreate,
  pipelineWait,
  projectUpdate,
  type PipelineWaitInput,
} from "gitlab-agent-tools/tools";
import { describe, expect, test } from "vitest";
import { refusal, stage } from "../support/people.js";

const project_id = "acme/shop";
const config = "unit: { script: [make test] }\n";
const seed = {
  users: [{ username: "ada" }, { username: "guest" }],
  projects: [
    {
      path: project_id,
      members: { ada: 40, guest: 10 },
      branches: {
        main: { ".gitlab-ci.yml": config, "a.txt": "1\n" },
        feature: { ".gitlab-ci.yml": config, "a.txt": "2\n" },
      },
    },
  ],
};

/** A client that does not sleep: `meanwhile` happens in its place, at each pause. */
async function scene(
  meanwhile: (pause: number, emulator: Awaited<ReturnType<typeof stage>>["emulator"]) => void = () => undefined,
) {
  const pauses: number[] = [];
  const staged = await stage(
    { seed },
    {
      sleep: (ms, signal) => {
        signal?.throwIfAborted();
        pauses.push(ms);
        staged.emulator.clock.advance(ms / 1000);
        meanwhile(pauses.length, staged.emulator);
        return Promise.resolve();
      },
    },
  );
  const ada = await staged.as("ada");
  const heard: string[] = [];
  const wait = async (input: Omit<PipelineWaitInput, "project_id"> = {}) =>
    (await pipelineWait(ada, { project_id, ...input }, { onProgress: (message) => void heard.push(message) })).data;
  const start = async (ref: string) => (await pipelineCreate(ada, { project_id, ref })).data.id;
  return { ...staged, ada, pauses, heard, wait, start };
}

const newest = (emulator: Awaited<ReturnType<typeof stage>>["emulator"]): number =>
  emulator.state.planning.pipelines.at(-1)?.id ?? 0;

describe("gitlab_pipeline_wait", () => {
  test("looks less and less often, says how far it is, and ends with the pipeline", async () => {
    const { wait, start, pauses, heard, requests } = await scene((pause, emulator) => {
      if (pause === 4) emulator.runPipeline(newest(emulator), { outcomes: { unit: "failed" } });
    });
    const id = await start("main");
    requests();
    expect(await wait()).toEqual({
      ...{ done: true, status: "failed", waited_seconds: 24 },
      pipeline: { id, status: "failed", web_url: expect.stringContaining(`/-/pipelines/${id}`) as string },
      next: `gitlab_pipeline_diagnose with pipeline_id ${id} says why.`,
    });
    expect(pauses).toEqual([3000, 4500, 6750, 10_125]);
    expect(requests()).toEqual([
      `GET /projects/acme%2Fshop/pipelines/latest`,
      ...Array.from({ length: 4 }, () => `GET /projects/acme%2Fshop/pipelines/${id}`),
    ]);
    expect(heard).toEqual(Array.from({ length: 4 }, () => `pipeline ${id} is pending`));
  });

  test("ends when its time is up, with what to call next", async () => {
    const { wait, start, pauses } = await scene();
    const id = await start("main");
    const waited = await wait({ pipeline_id: id, max_seconds: 20 });
    expect(waited).toMatchObject({ done: false, status: "pending", waited_seconds: 20 });
    expect(waited.next).toContain(`gitlab_pipeline_wait again with pipeline_id ${id}`);
    expect(pauses.reduce((sum, one) => sum + one)).toBe(20_000);
  });

  test("ends before the call's own budget does", async () => {
    const { ada, start, pauses } = await scene();
    const pipeline_id = await start("main");
    const { data } = await pipelineWait(ada, { project_id, pipeline_id }, { timeoutMs: 2_300 });
    expect(data.done).toBe(false);
    expect(pauses).toEqual([]);
  });

  test("what has ended is told at once", async () => {
    const { emulator, wait, start, pauses } = await scene();
    const id = await start("feature");
    emulator.runPipeline(id);
    expect(await wait({ ref: "feature" })).toMatchObject({ done: true, status: "success", next: "It has passed." });
    expect(pauses).toEqual([]);
  });

  test("a rate limit and a gateway that is away are waited for, as long as GitLab asks", async () => {
    const { emulator, wait, start, pauses } = await scene((pause, running) => {
      if (pause === 3) running.runPipeline(newest(running));
    });
    const id = await start("main");
    emulator.faults.add({
      path: /\/pipelines\/\d+$/,
      status: 429,
      headers: { "retry-after": "40" },
      times: 1,
      after: 1,
    });
    expect(await wait({ pipeline_id: id, max_seconds: 600 })).toMatchObject({ done: true, status: "success" });
    expect(Math.max(...pauses)).toBe(40_000);
  });

  test("what does not pass ends the wait", async () => {
    const { emulator, wait, start } = await scene((pause, running) => {
      if (pause === 1)
        running.faults.add({ path: /\/pipelines\/\d+$/, status: 404, body: { message: "404 Not found" } });
    });
    const id = await start("main");
    expect((await refusal(wait({ pipeline_id: id }))).code).toBe("not_found");
    expect(emulator.requests.length).toBeLessThan(20);
  });

  test("can be cancelled", async () => {
    const controller = new AbortController();
    const { ada, start, requests } = await scene((pause) => {
      if (pause === 2) controller.abort();
    });
    const pipeline_id = await start("main");
    requests();
    const error = await refusal(pipelineWait(ada, { project_id, pipeline_id }, { signal: controller.signal }));
    expect(error.code).toBe("aborted");
    expect(requests().length).toBeLessThanOrEqual(3);
  });

  test("a merge request: until it can be merged", async () => {
    const { ada, emulator, wait, start, heard } = await scene((pause, running) => {
      if (pause === 3) running.runPipeline(newest(running));
    });
    await projectUpdate(ada, { project_id, only_allow_merge_if_pipeline_succeeds: true });
    emulator.state.mergeCheckSeconds = { preparing: 1, checking: 2 };
    await start("feature");
    const { data } = await mergeRequestCreate(ada, {
      ...{ project_id, source_branch: "feature", target_branch: "main", title: "Two" },
    });
    const waited = await wait({ merge_request_iid: data.iid });
    expect(waited).toMatchObject({
      ...{ done: true, status: "mergeable", merge_request: { iid: data.iid, state: "opened" } },
      pipeline: { status: "success" },
      next: `gitlab_merge_request_merge with sha ${data.sha} merges it.`,
    });
    expect(heard.join("\n")).toContain("its pipeline is still running");
  });

  test("a merge request whose obstacle a person has to remove is not waited for", async () => {
    const { ada, wait, pauses } = await scene();
    const { data } = await mergeRequestCreate(ada, {
      ...{ project_id, source_branch: "feature", target_branch: "main", title: "Draft: Two" },
    });
    const waited = await wait({ merge_request_iid: data.iid });
    expect(waited).toMatchObject({ done: true, status: "draft_status", why: "it is a draft" });
    expect(waited.next).toContain("gitlab_merge_request_update");
    expect(pauses.length).toBeLessThanOrEqual(2);
  });

  test("one that GitLab does not check by itself is tried", async () => {
    const { ada, emulator, wait, pauses } = await scene();
    const { data } = await mergeRequestCreate(ada, {
      ...{ project_id, source_branch: "feature", target_branch: "main", title: "Two" },
    });
    emulator.on("GET", "/projects/:id/merge_requests/:iid", () => ({
      status: 200,
      body: { ...data, detailed_merge_status: "unchecked", head_pipeline: null },
    }));
    const waited = await wait({ merge_request_iid: data.iid, max_seconds: 600 });
    expect(waited).toMatchObject({ done: true, status: "unchecked" });
    expect(waited.next).toContain("gitlab_merge_request_merge tries");
    expect(pauses).toHaveLength(5);
  });
});

test("gitlab_ci_lint checks the project's own file on any ref, or a text, and is a read", async () => {
  const { as, ada, requests } = await scene();
  requests();
  const own = await ciLint(ada, { project_id }, { policy: { access: "read" } });
  expect(own.data).toEqual({
    ...{ valid: true, checked: "the project's file on the default branch", stages: ["test: unit"] },
    ...{ errors: [], warnings: [], includes: [] },
  });
  expect(requests()).toEqual(["GET /projects/acme%2Fshop/ci/lint"]);
  await commitCreate(ada, {
    ...{ project_id, branch: "typo", start_branch: "main", commit_message: "Typo" },
    actions: [{ action: "update", file_path: ".gitlab-ci.yml", content: "unit: { scirpt: [x], script: [y] }\n" }],
  });
  expect((await ciLint(ada, { project_id, ref: "typo" })).data).toMatchObject({
    ...{ valid: false, checked: "the project's file on typo", stages: [] },
    errors: [expect.stringContaining("unknown keys: scirpt") as string],
  });
  requests();
  const content =
    "stages: [build, ship]\ncompile: { stage: build, script: [make] }\nship: { stage: ship, script: [x], when: manual }\n";
  const text = await ciLint(ada, { project_id, content }, { policy: { access: "read" } });
  expect(text.data).toMatchObject({
    valid: true,
    checked: "content",
    stages: ["build: compile", "ship: ship (manual)"],
  });
  expect(requests()).toEqual(["POST /projects/acme%2Fshop/ci/lint"]);
  expect((await ciLint(ada, { project_id, content: "a: [" })).data.valid).toBe(false);
  expect((await refusal(ciLint(await as("guest"), { project_id, content }))).code).toBe("forbidden");
});
