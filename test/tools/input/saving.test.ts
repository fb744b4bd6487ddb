import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createToolbox } from "gitlab-agent-tools/toolbox";
import { jobArtifactsDownload } from "gitlab-agent-tools/tools";
import { expect, onTestFinished, test } from "vitest";
import { connect, serve } from "../../support/server.js";

async function setting() {
  const folder = await mkdtemp(join(tmpdir(), "saving-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const server = await serve((_, response) => response.end("zip"));
  return { ...(await connect(server)), arrived: server.arrived, folder };
}

const toolName = "gitlab_job_artifacts_download";
const job = { project_id: 1, job_id: 2 };

test("a call by name writes only where a folder for downloads was set", async () => {
  const { gitlab, arrived, folder } = await setting();
  const toolInput = { ...job, save_to: join(folder, "a.zip") };
  const call = { identifier: "user_1", toolName, toolInput };
  await expect(gitlab.executeTool(call)).rejects.toThrow("save_to: is for code where a tool is called by name");
  await expect(gitlab.actions.executeTool(call)).rejects.toThrow("set policy.downloads to a folder");
  expect(arrived).toEqual([]);
  await gitlab.executeTool({ ...call, policy: { downloads: folder } });
  expect(await readFile(join(folder, "a.zip"), "utf8")).toBe("zip");
});

test("code that calls the function says itself where", async () => {
  const { account, folder } = await setting();
  await jobArtifactsDownload(account, { ...job, save_to: join(folder, "b.zip") });
  expect(await readFile(join(folder, "b.zip"), "utf8")).toBe("zip");
});

test("models are offered save_to with a folder, and told of it nowhere without", async () => {
  const { gitlab, folder } = await setting();
  const open = createToolbox({ gitlab, identifier: "user_1", policy: { downloads: folder } });
  const closed = createToolbox({ gitlab, identifier: "user_1" });
  const offered = ({ definitions }: typeof open): boolean =>
    "save_to" in (definitions.find(({ name }) => name === toolName)?.inputSchema.properties ?? {});
  expect([offered(open), offered(closed)]).toEqual([true, false]);
  expect((await open.run(toolName, job)).text).toContain("save_to");
  expect((await closed.run(toolName, job)).text).not.toContain("save_to");
  const refused = await closed.run(toolName, { ...job, save_to: "a.zip" });
  expect(refused.text).toContain("leave it out");
});
