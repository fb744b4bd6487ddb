import { expect, test } from "vitest";
import { field, setup } from "./client.js";

const { emulator, api } = setup();
const app = "/projects/acme%2Fapp";

test("latency is per request, and the answer is the same", async () => {
  emulator().conditions.latencyMs = ({ method }) => (method === "GET" ? 40 : 0);
  const begun = performance.now();
  expect((await api("/user", { as: "ada" })).body).toMatchObject({ username: "ada" });
  expect(performance.now() - begun).toBeGreaterThanOrEqual(39);
  emulator().conditions.latencyMs = 0;
});

test("a lagging replica lists nothing new, and shows what was changed or deleted as it was", async () => {
  const issues = `${app}/issues`;
  const make = async (title: string): Promise<string> => {
    const { body } = await api(issues, { as: "ada", method: "POST", json: { title } });
    return `${issues}/${String(field(body, "iid"))}`;
  };
  const listed = async (): Promise<string[]> => {
    const { body } = await api(`${issues}?search=replica`, { as: "ada" });
    return (body as { title: string }[]).map(({ title }) => title);
  };
  const [changed, deleted] = [await make("First replica"), await make("Second replica")];
  emulator().conditions.replicaLagSeconds = 5;
  await make("Third replica");
  await api(changed, { as: "ada", method: "PUT", json: { title: "Changed replica" } });
  await api(deleted, { as: "ada", method: "DELETE" });
  expect(await listed()).toEqual(["First replica"]);
  expect((await api(changed, { as: "ada" })).body).toMatchObject({ title: "First replica" });
  expect((await api(deleted, { as: "ada" })).status).toBe(200);
  emulator().clock.advance(6);
  expect(await listed()).toEqual(["Third replica", "Changed replica"]);
  expect((await api(changed, { as: "ada" })).body).toMatchObject({ title: "Changed replica" });
  expect((await api(deleted, { as: "ada" })).status).toBe(404);
  emulator().conditions.replicaLagSeconds = 0;
});

test("a push that starts a pipeline says what of the configuration is not acted upon", async () => {
  const push = (content: string): ReturnType<typeof api> =>
    api(`${app}/repository/commits`, {
      as: "ada",
      method: "POST",
      json: {
        branch: "warned",
        start_branch: "main",
        force: true,
        commit_message: "Try",
        actions: [{ action: "update", file_path: ".gitlab-ci.yml", content }],
      },
    });
  await push("include: other.yml\nworkflow:\n  rules: [{ changes: [a] }]\ntest:\n  script: x\n  parallel: 2\n");
  expect(emulator().requests.at(-1)?.warnings).toEqual([
    "The GitLab emulator does not act upon include",
    "The GitLab emulator does not act upon workflow:rules:changes",
    "The GitLab emulator does not act upon jobs:test:parallel",
  ]);
  await api("/user", { as: "ada" });
  expect(emulator().requests.at(-1)?.warnings).toEqual([]);
  await push("test:\n  scirpt: x\n");
  const { body } = await api(`${app}/pipelines?ref=warned`, { as: "ada" });
  const [{ id } = { id: 0 }] = body as { id: number }[];
  expect((await api(`${app}/pipelines/${String(id)}`, { as: "ada" })).body).toMatchObject({
    status: "failed",
    yaml_errors: expect.stringContaining("test") as unknown,
  });
});
