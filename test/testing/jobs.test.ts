import { unzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { entries, object, work } from "./work-client.js";

const { api, emulator, token } = work();

async function jobId(query: string, name: string): Promise<string> {
  const jobs = entries(await api("ada", "GET", `jobs?per_page=100&${query}`));
  return String(jobs.find((job) => job["name"] === name)?.["id"]);
}

describe("jobs", () => {
  it("have all documented fields", async () => {
    const { body } = await api("ada", "GET", `jobs/${await jobId("scope[]=success", "unit tests")}`);
    const job = object(body);
    expect(job).toMatchObject({
      stage: "test",
      status: "success",
      runner: { description: "acme-docker-1", runner_type: "group_type" },
      artifacts_file: { filename: "artifacts.zip" },
      artifacts: [{ file_type: "archive" }, { file_type: "metadata" }, { file_type: "junit" }, { file_type: "trace" }],
      user: { bot: false },
      tag_list: [],
    });
    expect(job["coverage"]).toBeGreaterThan(80);
    expect(object(job["pipeline"])["sha"]).toBe(object(job["commit"])["id"]);
    expect(job["duration"]).toBeGreaterThan(10);
  });

  it("are filtered by state", async () => {
    const failed = entries(await api("ada", "GET", "jobs?scope[]=failed&scope[]=canceled&per_page=100"));
    expect(new Set(failed.map((job) => job["status"]))).toEqual(new Set(["failed", "canceled"]));
    expect(await api("ada", "GET", "jobs?scope[]=done")).toMatchObject({
      status: 400,
      body: { error: "scope does not have a valid value" },
    });
  });

  it("are retried and canceled", async () => {
    const id = await jobId("scope[]=failed", "unit tests");
    const again = await api("ben", "POST", `jobs/${id}/retry`);
    expect(again).toMatchObject({ status: 201, body: { status: "pending", name: "unit tests", started_at: null } });
    expect(await api("ben", "POST", `jobs/${id}/retry`)).toMatchObject({
      status: 403,
      body: { message: "403 Forbidden - Job is not retryable" },
    });
    const next = String(object(again.body)["id"]);
    expect(await api("ben", "POST", `jobs/${next}/cancel`)).toMatchObject({
      status: 201,
      body: { status: "canceled" },
    });
    expect(await api("guest", "POST", `jobs/${next}/cancel`)).toMatchObject({ status: 403 });
  });
});

describe("a job's log", () => {
  it("is text with colours and sections, ending with what went wrong", async () => {
    const answer = await api("ada", "GET", `jobs/${await jobId("scope[]=failed", "deploy to staging")}/trace`);
    expect(answer.headers.get("content-type")).toContain("text/plain");
    const text = String(answer.body);
    expect(text).toMatch(/section_start:\d{10}:step_script\r\u001b\[0K/);
    expect(text).toContain("denied: requested access");
    expect(text).toContain("ERROR: Job failed: exit code 1");
  });

  it("can be several megabytes long", async () => {
    const jobs = entries(await api("ada", "GET", "jobs?scope[]=success&per_page=100"));
    const long = jobs.find((job) => (job["artifacts"] as { size: number }[]).some(({ size }) => size > 3_000_000));
    const answer = await api("ada", "GET", `jobs/${String(long?.["id"])}/trace`);
    expect(String(answer.body).length).toBeGreaterThan(3_000_000);
    expect(String(answer.body)).toMatch(/Job succeeded\u001b\[0;m\n$/);
  });

  it("is empty before the job has run, and can be read in parts", async () => {
    expect(
      await api("ada", "GET", `jobs/${await jobId("scope[]=manual", "deploy to production")}/trace`),
    ).toMatchObject({ status: 200, body: "" });
    const path = `jobs/${await jobId("scope[]=success", "build")}/trace`;
    const whole = String((await api("ada", "GET", path)).body);
    expect((await api("ada", "GET", `${path}?byte_offset=10&byte_limit=20`)).body).toBe(whole.slice(10, 30));
  });
});

describe("a job's artifacts", () => {
  it("are a ZIP on another origin, which the token must not reach", async () => {
    const path = `jobs/${await jobId("scope[]=success", "unit tests")}/artifacts`;
    const answer = await api("ada", "GET", path);
    expect(answer.status).toBe(302);
    const address = new URL(answer.headers.get("location") ?? "");
    expect(address.origin).not.toBe(new URL(emulator().baseUrl).origin);
    const leaked = await fetch(address, { headers: { authorization: `Bearer ${token("ada")}` } });
    expect(leaked.status).toBe(400);
    const followed = await fetch(`${emulator().baseUrl}/api/v4/projects/acme%2Fapp/${path}`, {
      headers: { authorization: `Bearer ${token("ada")}` },
    });
    expect(followed.headers.get("content-disposition")).toBe('attachment; filename="artifacts.zip"');
    const archive = new Uint8Array(await followed.arrayBuffer());
    const files = unzipSync(archive);
    expect((await api("ada", "GET", path.replace("/artifacts", ""))).body).toMatchObject({
      artifacts_file: { size: archive.length },
    });
    expect(Object.keys(files)).toEqual(["coverage/index.txt", "junit.xml"]);
    expect(emulator().state.objectStorage.requests.map(({ authorized }) => authorized)).toEqual([true, false]);
  });

  it("come from GitLab itself on request, and one report at a time", async () => {
    const path = `jobs/${await jobId("scope[]=success", "unit tests")}/artifacts`;
    const direct = await api("ada", "GET", `${path}?download_mode=proxy`);
    expect(direct.status).toBe(200);
    expect(direct.headers.get("content-type")).toBe("application/zip");
    const report = await api("ada", "GET", `${path}?file_type=junit`);
    expect(new URL(report.headers.get("location") ?? "").pathname).toMatch(/junit\.xml\.gz$/);
    expect((await api("ada", "GET", `${path}?file_type=sast`)).status).toBe(404);
  });

  it("are missing where a job has left none", async () => {
    expect(await api("ada", "GET", `jobs/${await jobId("scope[]=success", "lint")}/artifacts`)).toMatchObject({
      status: 404,
      body: { message: "404 Not found" },
    });
  });
});
