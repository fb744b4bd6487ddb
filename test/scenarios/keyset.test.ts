import { createGitLab } from "gitlab-agent-tools";
import { issuesList, projectsList } from "gitlab-agent-tools/tools";
import { createGitLabEmulator } from "gitlab-agent-tools/testing";
import { expect, onTestFinished, test } from "vitest";

test("keyset pagination walks issues and projects by GitLab's links", async () => {
  const emulator = await createGitLabEmulator();
  const gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl: emulator.baseUrl } } });
  onTestFinished(async () => {
    await gitlab.close();
    await emulator.close();
  });
  await gitlab.connectWithToken({
    identifier: "ada",
    token: emulator.tokens.create({ username: "ada", scopes: ["api"] }),
  });
  const account = gitlab.as("ada");
  const before = emulator.requests.length;

  const input = { project_id: "acme/app", pagination: "keyset", per_page: 7 } as const;
  const iids: number[] = [];
  for await (const issue of issuesList.pages(account, input)) iids.push(issue.iid);
  const { page } = await issuesList(account, { project_id: "acme/app", per_page: 1 });
  expect(new Set(iids).size).toBe(page?.total);
  expect(iids).toHaveLength(page?.total ?? 0);

  const ids: number[] = [];
  const projects = { pagination: "keyset", order_by: "id", sort: "asc", per_page: 2 } as const;
  for await (const project of projectsList.pages(account, projects)) ids.push(project.id);
  expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  expect(ids.length).toBeGreaterThan(2);

  const queries = emulator.requests.slice(before).map(({ query }) => new URLSearchParams(query));
  expect(queries.filter((query) => query.get("pagination") === "keyset" && query.has("cursor")).length).toBeGreaterThan(
    3,
  );
  expect(queries.some((query) => query.has("page"))).toBe(false);
});
