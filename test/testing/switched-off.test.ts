import { describe, expect, it } from "vitest";
import { work } from "./work-client.js";

const { api, emulator } = work();

describe("a project", () => {
  const project = () => {
    const found = emulator().state.projectByPath("acme/app");
    if (found === undefined) throw new Error("acme/app is not seeded");
    return found;
  };

  it("that is archived can only be read", async () => {
    project().archived = true;
    expect((await api("ada", "GET", "issues/1")).status).toBe(200);
    expect((await api("ada", "PUT", "issues/1", { title: "Late" })).status).toBe(403);
    expect((await api("ada", "POST", "merge_requests/12/notes", { body: "Late" })).status).toBe(403);
    expect((await api("ada", "POST", "pipeline", { ref: "main" })).status).toBe(403);
    project().archived = false;
  });

  it.each([
    ["issues_access_level", "issues"],
    ["merge_requests_access_level", "merge_requests"],
    ["builds_access_level", "pipelines"],
  ])("with %s disabled refuses its %s", async (setting, path) => {
    project().settings[setting] = "disabled";
    expect(await api("ada", "GET", path)).toMatchObject({ status: 403, body: { message: "403 Forbidden" } });
    project().settings[setting] = "enabled";
    expect((await api("ada", "GET", path)).status).toBe(200);
  });
});
