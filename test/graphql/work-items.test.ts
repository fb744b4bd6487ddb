import { createGitLab, type GitLab, type GitLabAccount } from "gitlab-agent-tools";
import { createGitLabEmulator, type GitLabEmulator } from "gitlab-agent-tools/testing";
import { groupGet, issueCreate, projectCreate, workItemGet, workItemsList } from "gitlab-agent-tools/tools";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let emulator: GitLabEmulator;
let gitlab: GitLab;
let ada: GitLabAccount;

beforeAll(async () => {
  emulator = await createGitLabEmulator({ plan: "ultimate", now: () => new Date("2026-03-10T09:00:00Z") });
  gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl: emulator.baseUrl } } });
  const token = emulator.tokens.create({ username: "ada", scopes: ["api"] });
  await gitlab.connectWithToken({ identifier: "ada", token });
  ada = gitlab.as("ada");
  const { id } = (await groupGet(ada, { group_id: "acme" })).data;
  await projectCreate(ada, { name: "other", namespace_id: id });
  await issueCreate(ada, { project_id: "acme/other", title: "Elsewhere" });
});

afterAll(async () => {
  await gitlab.close();
  await emulator.close();
});

/** What a call sends, look-ups included, as `METHOD path`. */
async function sentBy(call: () => Promise<unknown>): Promise<string[]> {
  const before = emulator.requests.length;
  await call();
  return emulator.requests.slice(before).map(({ method, path }) => `${method} ${path}`);
}

describe("one work item", () => {
  test("comes as GitLab has it, and flat in the compact view", async () => {
    const { data } = await workItemGet(ada, { project_id: "acme/app", work_item: "#1" });
    expect(data).toMatchObject({ iid: "1", reference: "acme/app#1", workItemType: { name: "Issue" } });
    const labels = data.widgets?.find((widget) => "labels" in widget)?.labels?.nodes?.map((label) => label?.title);
    const compact = await workItemGet(ada, { work_item: "acme/app#1" }, { view: "compact" });
    expect(compact.data).toMatchObject({
      reference: "acme/app#1",
      work_item_type: "Issue",
      title: data.title,
      state: data.state,
      labels,
      web_url: data.webUrl,
    });
    expect(compact.data).not.toHaveProperty("widgets");
    const more = await workItemGet(ada, { work_item: "acme/app#1" }, { fields: ["title", "participants[].username"] });
    expect(more.data).toEqual({
      reference: "acme/app#1",
      title: data.title,
      participants: ["ada", "ben"],
    });
  });

  test.each([
    ["a number beside its project", { project_id: "acme/app", work_item: 1 }],
    ["with its sign", { project_id: "acme%2Fapp", work_item: "#1" }],
    ["a full reference", { work_item: "acme/app#1" }],
  ])("is found by %s, with one request", async (_, input) => {
    await workItemGet(ada, input);
    expect(await sentBy(() => workItemGet(ada, input))).toEqual(["POST /api/graphql"]);
  });

  test("is found by its web URLs, and by the number of its project", async () => {
    for (const path of ["issues/1", "work_items/1#note_7"])
      expect((await workItemGet(ada, { work_item: `${emulator.baseUrl}/acme/app/-/${path}` })).data.iid).toBe("1");
    const id = emulator.state.projectByPath("acme/app")?.id ?? 0;
    expect((await workItemGet(ada, { project_id: id, work_item: 1 })).data.iid).toBe("1");
  });

  test.each([
    [{ work_item: "#1" }, "give project_id or group_id beside the number"],
    [{ work_item: "the login bug", project_id: "acme/app" }, "is no work item"],
    [{ work_item: "https://elsewhere.example/acme/app/-/issues/1" }, "is no work item"],
    [{ work_item: "acme/app#1", project_id: "acme/other" }, "is of acme/app, not of acme/other"],
    [{ work_item: "#1", project_id: "acme/app", group_id: "acme" }, "cannot be combined"],
    [{ work_item: "gid://gitlab/WorkItem/1", project_id: "acme/app" }, "give its number and place"],
    [{ work_item: "../x#1" }, "is no work item"],
    [{ work_item: "&1", project_id: "acme/app" }, "an epic lies in a group: give it as group&42"],
  ])("is not looked for by %j", async (input, words) => {
    const sent = await sentBy(async () => {
      await expect(workItemGet(ada, input)).rejects.toMatchObject({
        code: "invalid_input",
        message: expect.stringContaining(words) as string,
      });
    });
    expect(sent).toEqual([]);
  });

  test("that is missing, and a place that is missing, are told apart", async () => {
    await expect(workItemGet(ada, { work_item: "acme/app#99999" })).rejects.toMatchObject({
      code: "not_found",
      hint: "Call gitlab_work_items_list with search to find what there is.",
      toolName: "gitlab_work_item_get",
    });
    await expect(workItemGet(ada, { work_item: "acme/nowhere#1" })).rejects.toMatchObject({
      code: "project_not_found",
    });
  });

  test("a dry run shows text and variables, and asks only for what names stand for", async () => {
    const { data } = await workItemGet(ada, { work_item: "acme/app#1" }, { dryRun: true });
    expect(data).toMatchObject({
      method: "POST",
      url: `${emulator.baseUrl}/api/graphql`,
      body: { query: expect.stringMatching(/^query WorkItemGet/) as string, variables: { path: "acme/app", iid: "1" } },
    });
  });
});

describe("lists", () => {
  test("take names as Markdown refers to them", async () => {
    const place = { project_id: "acme/app", first: 5 };
    const plain = await workItemsList(ada, { ...place, assignee_usernames: ["ada"], label_name: ["bug"] });
    const signed = await workItemsList(ada, { ...place, assignee_usernames: ["@ada"], label_name: ['~"bug"'] });
    expect(plain.data.length).toBeGreaterThan(0);
    expect(signed.data).toEqual(plain.data);
  });

  test("have pages by cursor, which pages() walks", async () => {
    const first = await workItemsList(ada, { project_id: "acme/app", first: 3 });
    expect(first.page).toMatchObject({ hasMore: true, total: 40, nextCursor: expect.any(String) as string });
    const after = first.page?.nextCursor ?? "";
    const second = await workItemsList(ada, { project_id: "acme/app", first: 3, after });
    expect(second.data[0]?.iid).not.toBe(first.data[0]?.iid);
    const iids = new Set<string>();
    for await (const { iid } of workItemsList.pages(ada, { project_id: "acme/app", first: 7 })) iids.add(iid);
    expect(iids.size).toBe(40);
    const last = await workItemsList(ada, { project_id: "acme/app", first: 100 });
    expect(last.page).toEqual({ hasMore: false, total: 40 });
  });

  test("take filters as GitLab names them, in snake_case, whatever the case of a word", async () => {
    const { data } = await gitlab.executeTool({
      identifier: "ada",
      toolName: "gitlab_work_items_list",
      toolInput: { id: "acme/app", types: "issue", label_name: "bug", state: "opened", sort: "created_asc" } as never,
    });
    expect(data.length).toBeGreaterThan(1);
    expect(new Set(data.map(({ state }) => state))).toEqual(new Set(["OPEN"]));
  });

  test("of a group may take in what is below it", async () => {
    const { data } = await workItemsList(ada, { group_id: "acme", include_descendants: true, search: "pipeline" });
    expect(data.map(({ reference }) => reference).join()).toContain("acme/app#");
    await expect(
      gitlab.executeTool({ identifier: "ada", toolName: "gitlab_work_items_list", toolInput: {} }),
    ).rejects.toThrow("project_id, group_id: one of them is required");
  });

  test("find what is below a parent by its reference", async () => {
    const epics = await workItemsList(ada, { project_id: "acme/app", parent_ids: ["#1"] });
    expect(epics.data).toEqual([]);
  });
});

describe("a query is a read", () => {
  test("a policy of reads lets it pass, and a token of read_api suffices", async () => {
    await gitlab.connectWithToken({
      identifier: "reader",
      token: emulator.tokens.create({ username: "ada", scopes: ["read_api"] }),
    });
    const reader = gitlab.as("reader", { policy: { access: "read" } });
    expect((await workItemGet(reader, { work_item: "acme/app#1" })).data.iid).toBe("1");
  });

  test.each([
    ["a status that passes", { status: 503, body: "busy" }],
    ["an answer that breaks off", { resetMidBody: true }],
    ["a connection that is reset after the fact", { reset: "after" }],
  ] as const)("is sent again after %s", async (_, fault) => {
    const armed = emulator.faults.add({ path: "/api/graphql", ...fault });
    const sent = await sentBy(() => workItemGet(ada, { work_item: "acme/app#1" }));
    expect(armed.strikes).toBe(1);
    expect(sent.filter((one) => one === "POST /api/graphql").length).toBeGreaterThanOrEqual(1);
  });
});

describe("what GitLab answers at the top", () => {
  test.each([
    ["Field 'weight' doesn't exist on type 'WorkItemFeatures'", { code: "not_available", retryable: false }],
    ["This endpoint has been requested too many times. Try again later.", { code: "rate_limited", retryable: true }],
    ["Query has complexity of 400, which exceeds max complexity of 250", { code: "validation_failed" }],
    ["Internal server error", { code: "gitlab_unavailable", retryable: true }],
    ['"gid://gitlab/User/1" is not a valid ID for WorkItem.', { code: "validation_failed" }],
  ])("%s", async (message, expected) => {
    emulator.faults.add({ path: "/api/graphql", status: 200, body: { errors: [{ message }] } });
    await expect(workItemGet(ada, { work_item: "acme/app#1" })).rejects.toMatchObject({
      ...expected,
      toolName: "gitlab_work_item_get",
    });
  });

  test("a token that GitLab repeats does not show", async () => {
    const token = emulator.tokens.create({ username: "ada", scopes: ["api"] });
    await gitlab.connectWithToken({ identifier: "echo", token });
    emulator.faults.add({ path: "/api/graphql", status: 200, body: { errors: [{ message: `bad ${token}` }] } });
    const error: unknown = await workItemGet(gitlab.as("echo"), { work_item: "acme/app#1" }).catch(
      (one: unknown) => one,
    );
    expect(JSON.stringify(error)).not.toContain(token);
  });
});

describe("under an allow-list", () => {
  const confined = (): GitLabAccount => gitlab.as("ada", { policy: { projects: ["acme/app"] } });

  test("its own projects are reached, however they are named", async () => {
    const id = emulator.state.projectByPath("acme/app")?.id ?? 0;
    for (const input of [
      { work_item: "acme/app#1" },
      { project_id: id, work_item: 1 },
      { work_item: `${emulator.baseUrl}/acme/app/-/issues/1` },
    ])
      expect((await workItemGet(confined(), input)).data.iid).toBe("1");
  });

  test.each([
    ["another project", { work_item: "acme/other#1" }],
    ["a group", { work_item: "acme&1" }],
    ["another project's web URL", () => ({ work_item: `${emulator.baseUrl}/acme/other/-/issues/1` })],
  ])("%s is not", async (_, input) => {
    const sent = await sentBy(async () => {
      await expect(workItemGet(confined(), typeof input === "function" ? input() : input)).rejects.toMatchObject({
        code: "forbidden",
      });
    });
    expect(sent).not.toContain("POST /api/graphql");
  });

  test.each([
    { project_id: "acme/app", parent_ids: ["acme/other#1"] },
    { project_id: "acme/app", parent_ids: ["gid://gitlab/WorkItem/1"] },
    { project_id: "acme/app", include_ancestors: true },
    { group_id: "acme" },
  ])("lists do not lead out: %j", async (input) => {
    await expect(workItemsList(confined(), input)).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("instances differ", () => {
  test("a Community build is not asked for what it lacks, and a filter that it lacks is refused", async () => {
    const community = await createGitLabEmulator({ instance: "self-managed", plan: "free" });
    const client = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl: community.baseUrl } } });
    const token = community.tokens.create({ username: "ada", scopes: ["api"] });
    await client.connectWithToken({ identifier: "ada", token });
    const account = client.as("ada");
    expect((await workItemGet(account, { work_item: "acme/app#1" })).data.iid).toBe("1");
    await expect(workItemsList(account, { project_id: "acme/app", weight: "3" })).rejects.toMatchObject({
      code: "not_available",
      message: expect.stringMatching(/^GitLab [\d.]+.* \(Community Edition\) does not have weight/) as string,
    });
    const older = { version: "18.2.1", enterprise: false };
    community.on("GET", "/api/v4/metadata", () => ({ body: older }));
    const again = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl: community.baseUrl } } });
    await again.connectWithToken({ identifier: "ada", token });
    await expect(
      workItemsList(again.as("ada"), { project_id: "acme/app", include_archived: true }),
    ).rejects.toMatchObject({ code: "not_available", details: { version: "18.2.1", since: "18.5" } });
    await client.close();
    await again.close();
    await community.close();
  });
});
