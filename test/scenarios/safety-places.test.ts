import { type GitLabOptions, type PendingWrite } from "gitlab-agent-tools";
import {
  groupCreate,
  groupGet,
  groupProjectsList,
  issueCreate,
  issueGet,
  projectCreate,
  projectFork,
  projectForksList,
} from "gitlab-agent-tools/tools";
import { expect, test } from "vitest";
import { refusal, stage } from "../support/people.js";

// What lies beyond the projects and groups that a client may use does not come in by another door.

const project_id = "acme/app";

test("a number stands for a number, not for a group that has called itself that", async () => {
  const { as, gitlab, emulator } = await stage();
  const ada = await as("ada");
  const acme = emulator.state.groupByPath("acme")?.id ?? 0;
  const { data: impostor } = await groupCreate(ada, { name: "Impostor", path: String(acme) });
  const held = gitlab.as(ada.identifier, { policy: { groups: [acme] } });
  expect((await groupGet(held, { group_id: acme })).data.full_path).toBe("acme");
  expect(await refusal(groupGet(held, { group_id: impostor.id }))).toMatchObject({ code: "forbidden" });
  const { data: inside } = await projectCreate(ada, { name: "Inside", namespace_id: impostor.id });
  const error = await refusal(issueCreate(held, { project_id: inside.id, title: "x" }));
  expect(error).toMatchObject({ code: "forbidden" });
});

test("a group's lists leave out what others share with it", async () => {
  const { as, emulator } = await stage({}, { policy: { groups: ["acme"] } });
  const ada = await as("ada");
  await groupProjectsList(ada, { group_id: "acme" });
  expect(emulator.requests.at(-1)?.query).toContain("with_shared=false");
  await groupProjectsList(ada, { group_id: "acme", with_shared: false });
  for await (const project of groupProjectsList.pages(ada, { group_id: "acme", per_page: 1 })) {
    expect(project.path_with_namespace).toMatch(/^acme\//);
    expect(emulator.requests.at(-1)?.query).toContain("with_shared=false");
  }
  await groupGet(ada, { group_id: "acme" });
  expect(emulator.requests.at(-1)?.query).toContain("with_projects=false");
  for (const call of [
    () => groupProjectsList(ada, { group_id: "acme", with_shared: true }),
    () => groupGet(ada, { group_id: "acme", with_projects: true }),
  ]) {
    expect(await refusal(call())).toMatchObject({ code: "forbidden", details: { policy: "projects" } });
  }
});

test("a project's forks are elsewhere", async () => {
  const { as, gitlab, requests } = await stage();
  const ada = await as("ada");
  await projectFork(ada, { project_id: "acme/website", namespace_path: "ada" });
  const held = gitlab.as(ada.identifier, { policy: { groups: ["acme"] } });
  requests();
  expect(await refusal(projectForksList(held, { project_id: "acme/website" }))).toMatchObject({ code: "forbidden" });
  expect(requests().filter((request) => request.endsWith("/forks"))).toEqual([]);
  expect((await projectForksList(ada, { project_id: "acme/website" })).data).toHaveLength(1);
});

test("a doubt does not name a project beyond", async () => {
  let failing = false;
  const own: GitLabOptions["fetch"] = (...request) => {
    const [input] = request;
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    const fails = failing && /\/api\/v4\/projects\/\d+$/.test(pathname);
    return fails ? Promise.resolve(new Response("{}", { status: 500 })) : fetch(...request);
  };
  const { as, gitlab, requests } = await stage({}, { fetch: own });
  const ada = await as("ada");
  const { data: beyond } = await issueCreate(ada, { project_id: "ada/notes", title: "private" });
  const held = gitlab.as(ada.identifier, { policy: { projects: [project_id] } });
  requests();
  failing = true;
  const error = await refusal(issueGet(held, { project_id, issue_iid: beyond.id }));
  expect(error.code).toBe("not_found");
  expect(JSON.stringify(error) + error.message).not.toContain("ada/notes");
  expect(requests()).toContain("POST /api/graphql");
});

test("who approves a change cannot alter it", async () => {
  const { as } = await stage(
    {},
    {
      onBeforeWrite: ({ request }: PendingWrite) => {
        Object.assign(request.body ?? {}, { title: "another" });
      },
    },
  );
  expect((await issueCreate(await as("ada"), { project_id, title: "as asked" })).data.title).toBe("as asked");
});
