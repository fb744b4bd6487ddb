import {
  createGitLab,
  type GitLab,
  type GitLabAccount,
  type GitLabOptions,
  type PendingWrite,
} from "gitlab-agent-tools";
import { serveMcp } from "gitlab-agent-tools/mcp";
import { createGitLabEmulator, type EmulatorOptions, type GitLabEmulator } from "gitlab-agent-tools/testing";
import {
  epicsList,
  groupEpicGet,
  workItemChildrenList,
  workItemCreate,
  workItemDelete,
  workItemGet,
  workItemUpdate,
} from "gitlab-agent-tools/tools";
import { describe, expect, onTestFinished, test } from "vitest";
import { httpClient, textOf } from "../mcp/clients.js";

const people = [{ username: "ada" }, { username: "ben" }];
const seed: EmulatorOptions["seed"] = {
  users: people,
  groups: [
    {
      path: "acme",
      members: { ada: 50, ben: 30 },
      epics: [
        { title: "Checkout", iid: 1, labels: ["goal", "p1"], start_date: "2026-02-01", due_date: "2026-04-30" },
        { title: "Pay by invoice", iid: 2, author: "ben", description: "For companies.", parent: "acme&1" },
        { title: "Old shop", iid: 3, state: "closed" },
      ],
    },
    { path: "acme/platform", epics: [{ title: "One API", iid: 1, parent: "acme&1", color: "#ff0000" }] },
    { path: "beyond", members: { ada: 50 }, epics: [{ title: "Elsewhere", iid: 1 }] },
  ],
};

interface Started {
  readonly emulator: GitLabEmulator;
  readonly gitlab: GitLab;
  readonly ada: GitLabAccount;
  /** What was sent for the sake of a call, as `METHOD path`. */
  readonly sent: () => string[];
}

async function started(instance: EmulatorOptions, options: Partial<GitLabOptions> = {}): Promise<Started> {
  const emulator = await createGitLabEmulator({ seed, plan: "ultimate", ...instance });
  const connections = { gitlab: { baseUrl: emulator.baseUrl } };
  const gitlab = createGitLab({ store: "memory:", connections, ...options });
  onTestFinished(async () => {
    await gitlab.close();
    await emulator.close();
  });
  const token = emulator.tokens.create({ username: "ada", scopes: ["api"] });
  await gitlab.connectWithToken({ identifier: "ada", token });
  const before = emulator.requests.length;
  return {
    emulator,
    gitlab,
    ada: gitlab.as("ada"),
    sent: () => emulator.requests.slice(before).map(({ method, path }) => `${method} ${path}`),
  };
}

const older: EmulatorOptions = { version: "17.3.1-ee" };
const compact = { view: "compact" } as const;

describe("an instance where epics are no work items yet", () => {
  test("is asked by its REST API, and shows what newer ones show", async () => {
    const [old, current] = [await started(older), await started({})];
    const { data } = await epicsList(old.ada, { group_id: "acme" }, compact);
    expect(old.sent()).toEqual(["GET /api/v4/metadata", "GET /api/v4/groups/acme/epics"]);
    const newer = await epicsList(current.ada, { group_id: "acme" }, compact);
    expect(current.sent()).toEqual(["GET /api/v4/metadata", "POST /api/graphql"]);
    const byReference = new Map(newer.data.map((item) => [item["reference"], item]));
    expect(data.map(({ reference }) => reference).sort()).toEqual([...byReference.keys()].sort());
    for (const item of data) {
      const { rolled_up_counts_by_type: _, parent, ...same } = byReference.get(item["reference"]) ?? {};
      expect(item).toMatchObject(Object.fromEntries(Object.entries(same).filter(([name]) => name in item)));
      expect("parent" in item).toBe(parent !== undefined);
    }
    expect(data.find(({ title }) => title === "Checkout")).toEqual({
      reference: "acme&1",
      title: "Checkout",
      state: "OPEN",
      labels: ["goal", "p1"],
      start_date: "2026-02-01",
      due_date: "2026-04-30",
    });
  });

  test("brings back epics in the form of work items", async () => {
    const { ada } = await started(older);
    const { data } = await epicsList(ada, { group_id: "acme", search: "one api" });
    const { id } = (await groupEpicGet(ada, { group_id: "acme/platform", epic_iid: 1 })).data;
    expect(data).toMatchObject([
      {
        id: `gid://gitlab/Epic/${String(id)}`,
        iid: "1",
        reference: "acme/platform&1",
        workItemType: { name: "Epic" },
        author: { username: "ada" },
      },
    ]);
    expect(data[0]?.widgets?.find((widget) => "color" in widget)).toMatchObject({ color: "#ff0000" });
  });

  test("takes the same filters and orders, as far as it has them", async () => {
    const { ada, emulator } = await started(older);
    const titles = async (input: Omit<Parameters<typeof epicsList>[1], "group_id">): Promise<string[]> =>
      (await epicsList(ada, { group_id: "acme", ...input })).data.map(({ title }) => title);
    expect(await titles({ state: "closed" })).toEqual(["Old shop"]);
    expect(await titles({ label_name: ["goal", "p1"] })).toEqual(["Checkout"]);
    expect(await titles({ author_username: "ben" })).toEqual(["Pay by invoice"]);
    expect(await titles({ sort: "TITLE_ASC", include_descendants: false })).toEqual([
      "Checkout",
      "Old shop",
      "Pay by invoice",
    ]);
    expect(Object.fromEntries(new URLSearchParams(emulator.requests.at(-1)?.query))).toEqual({
      order_by: "title",
      sort: "asc",
      include_descendant_groups: "false",
    });
  });

  test.each([
    [{ assignee_usernames: ["ada"] }, "assignee_usernames"],
    [{ timeframe: { start: "2026-01-01", end: "2026-02-01" } }, "timeframe"],
    [{ parent_ids: ["acme&1"] }, "parent_ids"],
    [{ sort: "WEIGHT_ASC" }, "sort"],
  ] as const)("refuses %j, saying what it lacks, and is asked nothing", async (input, word) => {
    const { ada, sent } = await started(older);
    await expect(epicsList(ada, { group_id: "acme", ...input })).rejects.toMatchObject({
      code: "not_available",
      toolName: "gitlab_epics_list",
      message: expect.stringMatching(
        new RegExp(
          `^GitLab 17\\.3\\.1 \\(Enterprise Edition\\) does not have ${word}.* it needs version 18\\.1 of GitLab`,
        ),
      ) as string,
      hint: `Nothing was sent. Leave ${word} out, or tell the user what is needed.`,
    });
    expect(sent()).toEqual(["GET /api/v4/metadata"]);
  });

  test("has its pages by cursor like any other, which pages() walks", async () => {
    const { ada } = await started(older);
    const first = await epicsList(ada, { group_id: "acme", first: 3 });
    expect(first.page).toEqual({ hasMore: true, nextCursor: expect.any(String) as string, total: 4 });
    const rest = await epicsList(ada, { group_id: "acme", first: 3, after: first.page?.nextCursor ?? "" });
    expect(rest.page).toEqual({ hasMore: false, total: 4 });
    const all = new Set([...first.data, ...rest.data].map(({ reference }) => reference));
    const walked = new Set<string>();
    for await (const { reference } of epicsList.pages(ada, { group_id: "acme", first: 1 })) walked.add(reference);
    expect(walked).toEqual(all);
    await expect(epicsList(ada, { group_id: "acme", after: "eyJpZCI6IjUifQ" })).rejects.toMatchObject({
      code: "invalid_input",
      details: { fields: [{ field: "after" }] },
    });
  });

  test("shows one epic as a work item, by reference, by web URL, and by what it calls a parent", async () => {
    const { ada, emulator, sent } = await started(older);
    const { data } = await workItemGet(ada, { work_item: "acme&2" }, compact);
    expect(data).toMatchObject({
      reference: "acme&2",
      work_item_type: "Epic",
      title: "Pay by invoice",
      state: "OPEN",
      author: "ben",
      description: "For companies.",
    });
    expect(sent()).toEqual(["GET /api/v4/metadata", "GET /api/v4/groups/acme/epics/2"]);
    const url = `${emulator.baseUrl}/groups/acme/-/epics/2`;
    expect((await workItemGet(ada, { work_item: url })).data.iid).toBe("2");
    const { parent } = data as { readonly parent: { readonly reference: string } };
    expect((await workItemGet(ada, { work_item: parent.reference, group_id: "acme" })).data.title).toBe("Checkout");
    await expect(workItemGet(ada, { work_item: "acme&99" })).rejects.toMatchObject({
      code: "not_found",
      toolName: "gitlab_work_item_get",
    });
  });

  test("takes new epics and changes, each approved as the write that it is", async () => {
    const writes: PendingWrite[] = [];
    const onBeforeWrite = (write: PendingWrite): void => void writes.push(write);
    const { ada, sent } = await started(older, { onBeforeWrite });
    const { data } = await workItemCreate(
      ada,
      {
        ...{ group_id: "acme", type: "epic", title: "Returns", labels: ["goal"], description: "Free of charge." },
        ...{ start_date: "2026-05-01", confidential: true },
      },
      compact,
    );
    expect(data).toMatchObject({ reference: "acme&4", work_item_type: "Epic", state: "OPEN", labels: ["goal"] });
    const input = { work_item: "acme&4", state_event: "CLOSE", add_labels: ["p1"], due_date: "2026-06-30" } as const;
    const closed = await workItemUpdate(ada, { ...input, start_date: null, title: "Returns, free" }, compact);
    expect(closed.data).toMatchObject({
      ...{ reference: "acme&4", title: "Returns, free", state: "CLOSED", labels: ["goal", "p1"] },
      ...{ due_date: "2026-06-30", confidential: true },
    });
    expect(closed.data).not.toHaveProperty("start_date");
    expect(sent().filter((one) => !one.startsWith("GET"))).toEqual([
      "POST /api/v4/groups/acme/epics",
      "PUT /api/v4/groups/acme/epics/4",
    ]);
    expect(writes.map(({ toolName, partOf, access }) => [toolName, partOf, access])).toEqual([
      ["gitlab_group_epic_create", "gitlab_work_item_create", "write"],
      ["gitlab_group_epic_update", "gitlab_work_item_update", "write"],
    ]);
  });

  test.each([
    [{ group_id: "acme", title: "An issue of a group" }, "type: Issue"],
    [{ group_id: "acme", type: "Epic", title: "Below", parent: "acme&1" }, "parent"],
  ])("makes nothing of %j", async (input, what) => {
    const { ada, sent } = await started(older);
    await expect(workItemCreate(ada, input)).rejects.toMatchObject({
      code: "not_available",
      message: `GitLab 17.3.1 (Enterprise Edition) does not have ${what}: it needs version 18.1 of GitLab.`,
    });
    expect(sent()).toEqual(["GET /api/v4/metadata"]);
  });

  test("says of what it has no tool for that epics are no work items there", async () => {
    const { ada } = await started(older);
    await expect(workItemDelete(ada, { work_item: "acme&1" })).rejects.toMatchObject({
      code: "not_found",
      hint: expect.stringContaining("Before GitLab 18.1 a group's epics are no work items.") as string,
    });
    await expect(workItemChildrenList(ada, { work_item: "acme&1" })).rejects.toMatchObject({ code: "not_available" });
  });

  test("serves agents as any other does", async () => {
    const { gitlab } = await started(older);
    const { token } = await gitlab.createSession({ identifier: "ada" });
    const server = await serveMcp({ gitlab, select: { areas: ["epics", "work-items"], level: "extended" } });
    onTestFinished(() => server.close());
    const client = await httpClient(server.url, token);
    const call = async (name: string, args: Record<string, unknown>): Promise<string> =>
      textOf(await client.callTool({ name, arguments: args }));
    const first = await call("gitlab_epics_list", { group_id: "acme", first: 3 });
    expect(first).toContain("Pay by invoice");
    const [, after = ""] = /more: "after": "([^"]+)"/.exec(first) ?? [];
    const second = await call("gitlab_epics_list", { group_id: "acme", first: 3, after });
    expect(second).toMatch(/acme(?:\/platform)?&\d/);
    expect(second).not.toBe(first);
    const refused = await call("gitlab_epics_list", { group_id: "acme", assignee_usernames: ["ada"] });
    expect(refused).toContain("Leave assignee_usernames out");
    await client.close();
  });

  test("asked by a dry run, shows the request that would be sent", async () => {
    const { ada, sent } = await started(older);
    const { data } = await epicsList(ada, { group_id: "acme", state: "opened" }, { dryRun: true });
    expect(data).toMatchObject({
      method: "GET",
      url: expect.stringMatching(/groups\/acme\/epics\?.*state=opened/) as string,
    });
    expect(sent()).toEqual(["GET /api/v4/metadata"]);
  });

  test("keeps to an allow-list", async () => {
    const { ada } = await started(older, { policy: { groups: ["acme"] } });
    expect((await epicsList(ada, { group_id: "acme", include_descendants: true })).data).toHaveLength(4);
    expect((await workItemGet(ada, { work_item: "acme&2" })).data.iid).toBe("2");
    for (const call of [
      () => epicsList(ada, { group_id: "beyond" }),
      () => epicsList(ada, { group_id: "acme/platform", include_ancestors: true }),
      () => workItemGet(ada, { work_item: "beyond&1" }),
    ])
      await expect(call()).rejects.toMatchObject({ code: "forbidden" });
  });

  test("needs the tool to be let in that was called, and none that was taken away", async () => {
    const let_in = await started(older, { policy: { tools: ["gitlab_epics_list"] } });
    expect((await epicsList(let_in.ada, { group_id: "acme" })).data).toHaveLength(4);
    const taken = await started(older, { policy: { tools: ["!gitlab_group_epics_list"] } });
    await expect(epicsList(taken.ada, { group_id: "acme" })).rejects.toMatchObject({
      code: "forbidden",
      toolName: "gitlab_epics_list",
    });
  });
});

test("an instance that does not say its version is asked by REST where it does not know the text", async () => {
  const { ada, emulator, sent } = await started({ version: "16.0.0-ee" });
  emulator.on("GET", "/metadata", () => ({ status: 404, body: { error: "404 Not Found" } }));
  expect((await epicsList(ada, { group_id: "acme", first: 2 })).data).toHaveLength(2);
  expect(sent()).toEqual(["GET /api/v4/metadata", "POST /api/graphql", "GET /api/v4/groups/acme/epics"]);
});

test("a newer instance is not asked by REST, whatever it answers", async () => {
  const { ada, sent } = await started({ version: "18.2.0-ee" });
  expect((await epicsList(ada, { group_id: "acme" })).data).toHaveLength(4);
  await expect(workItemGet(ada, { work_item: "acme&99" })).rejects.toMatchObject({ code: "not_found" });
  expect((await workItemChildrenList(ada, { work_item: "acme&1" })).data).toHaveLength(2);
  expect(new Set(sent())).toEqual(new Set(["GET /api/v4/metadata", "POST /api/graphql"]));
});

test.each([["19.5.0"], ["17.3.1"]])("a Community build of %s has no epics, and is asked for none", async (version) => {
  const { ada, sent } = await started({ plan: "free", version });
  await expect(epicsList(ada, { group_id: "acme" })).rejects.toMatchObject({
    code: "not_available",
    message: `GitLab ${version} (Community Edition) does not have gitlab_epics_list: it needs an Enterprise build of GitLab.`,
  });
  expect(sent()).toEqual(["GET /api/v4/metadata"]);
});
