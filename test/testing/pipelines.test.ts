import { describe, expect, it } from "vitest";
import { entries, object, work } from "./work-client.js";

const { api, emulator } = work();

describe("pipelines of the seeded project", () => {
  it("are a dozen and more, with every outcome", async () => {
    const pipelines = entries(await api("ada", "GET", "pipelines?per_page=100"));
    expect(pipelines.length).toBeGreaterThanOrEqual(15);
    expect(new Set(pipelines.map((pipeline) => pipeline["status"]))).toEqual(
      new Set(["success", "failed", "canceled", "running"]),
    );
    const ids = pipelines.map((pipeline) => Number(pipeline["id"]));
    expect(ids).toEqual([...ids].sort((a, b) => b - a));
  });

  it.each([
    ["ref=retry-webhooks", ["failed"]],
    ["status=running", ["running"]],
    ["scope=branches&ref=main", ["success"]],
    ["ref=main&source=web", ["success"]],
    ["username=ben&status=failed", ["failed"]],
  ])("are filtered by %s", async (query, expected) => {
    expect(entries(await api("ada", "GET", `pipelines?${query}`)).map((pipeline) => pipeline["status"])).toEqual(
      expected,
    );
  });

  it("tell what failed, and why", async () => {
    const [pipeline] = entries(await api("ada", "GET", "pipelines?ref=retry-webhooks"));
    const path = `pipelines/${String(pipeline?.["id"])}`;
    expect(await api("ada", "GET", path)).toMatchObject({
      body: { status: "failed", detailed_status: { label: "failed" }, user: { username: "ben" } },
    });
    const failed = entries(await api("ada", "GET", `${path}/jobs?scope[]=failed`));
    expect(failed).toMatchObject([
      { name: "unit tests", stage: "test", failure_reason: "script_failure", allow_failure: false },
    ]);
    expect(await api("ada", "GET", "pipelines/1")).toMatchObject({ status: 404 });
  });

  it("are for guests, too, as long as the project's jobs are public", async () => {
    expect(await api("guest", "GET", "pipelines")).toMatchObject({ status: 200 });
    await api("ada", "PUT", "/acme%2Fapp", { public_jobs: false });
    expect(await api("guest", "GET", "pipelines")).toMatchObject({ status: 403 });
    await api("ada", "PUT", "/acme%2Fapp", { public_jobs: true });
  });
});

describe("creating pipelines", () => {
  it("makes jobs of the configuration in the repository", async () => {
    const answer = await api("ada", "POST", "pipeline", { ref: "main", variables: [{ key: "DEPLOY", value: "yes" }] });
    expect(answer).toMatchObject({
      status: 201,
      body: { status: "created", ref: "main", source: "api", yaml_errors: null },
    });
    const id = Number(object(answer.body)["id"]);
    const jobs = async () => {
      const list = entries(await api("ada", "GET", `pipelines/${String(id)}/jobs`));
      return Object.fromEntries(list.map((job) => [String(job["name"]), job["status"]]));
    };
    expect(await jobs()).toEqual({
      build: "pending",
      lint: "created",
      "unit tests": "created",
      "deploy to staging": "created",
      "deploy to production": "created",
    });
    emulator().runPipeline(id, { outcomes: { lint: "failed" } });
    expect(await jobs()).toEqual({
      build: "success",
      lint: "failed",
      "unit tests": "success",
      "deploy to staging": "success",
      "deploy to production": "manual",
    });
    expect(await api("ada", "GET", `pipelines/${String(id)}`)).toMatchObject({
      body: { status: "success", detailed_status: { label: "passed with warnings" } },
    });
  });

  it("is refused in GitLab's words", async () => {
    expect(await api("ada", "POST", "pipeline", { ref: "nowhere" })).toMatchObject({
      status: 400,
      body: { message: { base: ["Reference not found"] } },
    });
    expect(await api("ada", "POST", "pipeline", {})).toMatchObject({ status: 400, body: { error: "ref is missing" } });
    expect(await api("guest", "POST", "pipeline", { ref: "main" })).toMatchObject({ status: 403 });
    const onProtected = await api("ben", "POST", "pipeline", { ref: "main" });
    expect(onProtected.status).toBe(400);
    expect(JSON.stringify(onProtected.body)).toContain(
      "You do not have sufficient permission to run a pipeline on 'main'.",
    );
    expect((await api("ben", "POST", "pipeline", { ref: "log-retention" })).status).toBe(201);
  });

  it("explains what is wrong with the configuration", async () => {
    await api("ada", "POST", "repository/branches", { branch: "broken-ci", ref: "main" });
    const file = "repository/files/%2Egitlab-ci.yml";
    await api("ada", "PUT", file, {
      branch: "broken-ci",
      content: "test: { stage: testing, script: make }",
      commit_message: "Break it",
    });
    expect(await api("ada", "POST", "pipeline", { ref: "broken-ci" })).toMatchObject({
      status: 400,
      body: {
        message: {
          base: [
            "test job: chosen stage testing does not exist; available stages are .pre, build, test, deploy, .post",
          ],
        },
      },
    });
    await api("ada", "DELETE", file, { branch: "broken-ci", commit_message: "Remove it" });
    expect(await api("ada", "POST", "pipeline", { ref: "broken-ci" })).toMatchObject({
      status: 400,
      body: { message: { base: ["Missing CI config file"] } },
    });
  });
});

describe("running pipelines again", () => {
  it("retries what failed, and cancels what runs", async () => {
    const [failed] = entries(await api("ben", "GET", "pipelines?ref=retry-webhooks"));
    const path = `pipelines/${String(failed?.["id"])}`;
    expect(await api("ben", "POST", `${path}/retry`)).toMatchObject({ status: 201, body: { status: "running" } });
    const jobs = entries(await api("ben", "GET", `${path}/jobs?include_retried=true`)).filter(
      (job) => job["name"] === "unit tests",
    );
    expect(jobs.map((job) => job["status"])).toEqual(["pending", "failed"]);
    expect(await api("ben", "POST", `${path}/cancel`)).toMatchObject({ status: 200, body: { status: "canceled" } });
  });

  it("merges what waited for the pipeline", async () => {
    await api("ada", "PUT", "merge_requests/11/merge", { auto_merge: true });
    const [running] = entries(await api("ada", "GET", "pipelines?ref=filters-in-address"));
    emulator().runPipeline(Number(running?.["id"]));
    expect(await api("ada", "GET", "merge_requests/11")).toMatchObject({
      body: { state: "merged", merge_user: { username: "ada" } },
    });
  });

  it("deletes for owners", async () => {
    const [pipeline] = entries(await api("ada", "GET", "pipelines?status=canceled"));
    const path = `pipelines/${String(pipeline?.["id"])}`;
    expect(await api("ben", "DELETE", path)).toMatchObject({ status: 403 });
    expect(await api("ada", "DELETE", path)).toMatchObject({ status: 204 });
    expect(await api("ada", "GET", path)).toMatchObject({ status: 404 });
  });
});

describe("on GitLab.com", () => {
  const hosted = work({ instance: "gitlab.com" });

  it("running CI takes a verified identity", async () => {
    const { users, state } = hosted.emulator();
    users.create({ username: "zoe", verified: false });
    const zoe = state.userByName("zoe");
    const project = state.projectByPath("acme/app");
    if (zoe === undefined || project === undefined) throw new Error("not seeded");
    project.members.push({
      id: 1,
      userId: zoe.id,
      accessLevel: 40,
      expiresAt: null,
      createdById: null,
      createdAt: state.now(),
    });
    const refusal = {
      status: 400,
      body: { message: { base: ["Identity verification is required in order to run CI jobs"] } },
    };
    expect(await hosted.api("zoe", "POST", "pipeline", { ref: "main" })).toMatchObject(refusal);
    const [pipeline] = entries(await hosted.api("zoe", "GET", "pipelines?status=failed"));
    expect(await hosted.api("zoe", "POST", `pipelines/${String(pipeline?.["id"])}/retry`)).toMatchObject(refusal);
    const [job] = entries(await hosted.api("zoe", "GET", "jobs?scope[]=failed"));
    expect(await hosted.api("zoe", "POST", `jobs/${String(job?.["id"])}/retry`)).toMatchObject(refusal);
  });
});
