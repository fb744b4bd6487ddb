import { describe, expect, it } from "vitest";
import { entries, object, work } from "./work-client.js";

const { api } = work();

describe("a merge request from a fork", () => {
  it("belongs to the target and compares the fork's branch", async () => {
    const target = object((await api("ada", "GET", "/acme%2Fapp")).body)["id"];
    const fork = object((await api("ben", "POST", "fork", {})).body);
    const path = `/${String(fork["id"])}`;
    await api("ben", "POST", `${path}/repository/branches`, { branch: "from-fork", ref: "main" });
    await api("ben", "POST", `${path}/repository/files/FORK.md`, {
      branch: "from-fork",
      content: "# From a fork\n",
      commit_message: "Say hello",
    });
    const answer = await api("ben", "POST", `${path}/merge_requests`, {
      source_branch: "from-fork",
      target_branch: "main",
      target_project_id: target,
      title: "Hello from a fork",
      allow_collaboration: true,
    });
    expect(answer).toMatchObject({
      status: 201,
      body: { project_id: target, source_project_id: fork["id"], target_project_id: target, allow_collaboration: true },
    });
    const item = `merge_requests/${String(object(answer.body)["iid"])}`;
    expect(entries(await api("ada", "GET", `${item}/commits`))).toMatchObject([{ title: "Say hello" }]);
    expect(entries(await api("ada", "GET", `${item}/diffs`))).toMatchObject([{ new_path: "FORK.md", new_file: true }]);
    expect(await api("ada", "PUT", `${item}/merge`)).toMatchObject({ status: 200, body: { state: "merged" } });
    expect(await api("ada", "GET", "repository/files/FORK.md?ref=main")).toMatchObject({ status: 200 });
  });

  it("goes to a project of the same family only", async () => {
    const answer = await api("ben", "POST", "merge_requests", {
      source_branch: "retry-webhooks",
      target_branch: "main",
      target_project_id: 1,
      title: "Elsewhere",
    });
    expect(answer).toMatchObject({ status: 404, body: { message: "404 Project Not Found" } });
  });
});
