import { createGitLab, type GitLab, type GitLabAccount, type PendingWrite } from "gitlab-agent-tools";
import { createGitLabEmulator, type GitLabEmulator } from "gitlab-agent-tools/testing";
import {
  epicsList,
  groupGet,
  iterationCadencesList,
  iterationsList,
  labelCreate,
  mergeRequestOverviewGet,
  milestoneCreate,
  projectCreate,
  projectOverviewGet,
  workItemChildReorder,
  workItemChildrenAdd,
  workItemChildrenList,
  workItemConvert,
  workItemCreate,
  workItemDelete,
  workItemGet,
  workItemLinkAdd,
  workItemLinkRemove,
  workItemLinksList,
  workItemNoteCreate,
  workItemNoteDelete,
  workItemNotesList,
  workItemNoteUpdate,
  workItemThreadCreate,
  workItemThreadResolve,
  workItemTypesList,
  workItemUpdate,
} from "gitlab-agent-tools/tools";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { stage } from "../support/people.js";

let emulator: GitLabEmulator;
let gitlab: GitLab;
let ada: GitLabAccount;
const asked: PendingWrite[] = [];
const project_id = "acme/app";

beforeAll(async () => {
  emulator = await createGitLabEmulator({ plan: "ultimate", now: () => new Date("2026-03-10T09:00:00Z") });
  gitlab = createGitLab({
    store: "memory:",
    connections: { gitlab: { baseUrl: emulator.baseUrl } },
    onBeforeWrite: (write) => void asked.push(write),
  });
  const token = emulator.tokens.create({ username: "ada", scopes: ["api"] });
  await gitlab.connectWithToken({ identifier: "ada", token });
  ada = gitlab.as("ada");
  const { id } = (await groupGet(ada, { group_id: "acme" })).data;
  emulator.state.workItems.addCadence(
    { groupId: id, title: "Fortnightly", description: "", durationInWeeks: 2, startDate: "2026-03-02" },
    3,
  );
  await projectCreate(ada, { name: "other", namespace_id: id });
});

afterAll(async () => {
  await gitlab.close();
  await emulator.close();
});

beforeEach(() => {
  asked.length = 0;
});

/** Creates one and answers its full reference. */
async function create(title: string, more: Partial<Parameters<typeof workItemCreate>[1]> = {}): Promise<string> {
  const place = "group_id" in more ? {} : { project_id };
  return (await workItemCreate(ada, { ...place, title, ...more })).data.reference;
}

const compact = async (work_item: string): Promise<Record<string, unknown>> =>
  (await workItemGet(ada, { work_item }, { view: "compact" })).data;

const paths = (since: number): string[] =>
  emulator.requests.slice(since).map(({ method, path }) => `${method} ${path}`);

describe("creating and updating", () => {
  test("people's words become ids, and what comes back are the values", async () => {
    await milestoneCreate(ada, { project_id, title: "Spring" });
    const epic = await create("Faster checkout", { group_id: "acme", type: "Epic" });
    expect(epic).toMatch(/^acme&\d+$/);
    const { data } = await workItemCreate(ada, {
      project_id,
      title: "Login fails",
      description: "- [ ] mend",
      assignees: ["@ben"],
      labels: ["bug", "p1"],
      milestone: "Spring",
      parent: epic,
      due_date: "2026-04-01",
      weight: 3,
      iteration: "current",
      status: "in progress",
      health_status: "atRisk",
    });
    expect(data).toMatchObject({ title: "Login fails", state: "OPEN", workItemType: { name: "Issue" } });
    expect(await compact(data.reference)).toMatchObject({
      assignees: ["ben"],
      labels: ["bug", "p1"],
      milestone: "Spring",
      parent: { reference: epic, title: "Faster checkout" },
      due_date: "2026-04-01",
      weight: 3,
      status: "In progress",
      health_status: "atRisk",
      iteration: { start_date: "2026-03-02" },
    });
  });

  test("null clears, and what is left out stays", async () => {
    const item = await create("Clear me", {
      weight: 5,
      milestone: "Spring",
      due_date: "2026-05-01",
      assignees: ["ben"],
    });
    await workItemUpdate(ada, { work_item: item, weight: null, milestone: null, assignees: [] });
    expect(asked.at(-1)?.request.body).toMatchObject({
      variables: {
        input: {
          weightWidget: { weight: null },
          milestoneWidget: { milestoneId: null },
          assigneesWidget: { assigneeIds: [] },
        },
      },
    });
    const after = await compact(item);
    expect(after).toMatchObject({ title: "Clear me", due_date: "2026-05-01" });
    expect(Object.keys(after)).not.toEqual(expect.arrayContaining(["weight"]));
    expect(after).not.toHaveProperty("milestone");
    expect(after).not.toHaveProperty("assignees");
    await expect(
      gitlab.executeTool({
        identifier: "ada",
        toolName: "gitlab_work_item_update",
        toolInput: { work_item: item, title: null as never },
      }),
    ).rejects.toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining("title: cannot be cleared") as string,
    });
  });

  test("labels are added and taken away, states set, dates kept", async () => {
    const item = await create("Labels", { labels: ["bug"] });
    const { data } = await workItemUpdate(ada, {
      work_item: item,
      add_labels: "backend" as never,
      remove_labels: ["bug"],
      state_event: "CLOSE",
    });
    expect(data.state).toBe("CLOSED");
    expect(await compact(item)).toMatchObject({ labels: ["backend"], state: "CLOSED", status: "Done" });
  });

  test.each([
    [
      { labels: ["no such label"] },
      /^labels: there is no label "no such label" in acme\/app/,
      "gitlab_issue_labels_list",
    ],
    [{ assignees: ["nobody"] }, /^assignees: there is no user "nobody"/, "gitlab_users_list"],
    [{ milestone: "Never" }, /^milestone: there is no milestone/, "gitlab_milestones_list"],
    [{ type: "Saga" }, /^type: there is no type/, "gitlab_work_item_types_list"],
    [{ parent: "#99999" }, /^parent: acme\/app has no work item 99999/, "gitlab_work_items_list"],
    [{ iteration: "Sprint 400" }, /^iteration: there is no iteration/, "gitlab_iterations_list"],
  ])("a name that nothing has is told before anything is sent: %j", async (input, message, finder) => {
    await expect(workItemCreate(ada, { project_id, title: "x", ...input })).rejects.toMatchObject({
      code: "not_found",
      message: expect.stringMatching(message) as string,
      hint: expect.stringContaining(finder) as string,
    });
    expect(asked).toEqual([]);
  });

  test("nothing to link, or to hang below, is refused before anything is sent", async () => {
    const item = { project_id, work_item: "#4" };
    for (const call of [
      () => workItemLinkAdd(ada, { ...item, linked_items: [] }),
      () => workItemChildrenAdd(ada, { ...item, children: [] }),
    ])
      await expect(call()).rejects.toMatchObject({
        code: "invalid_input",
        message: expect.stringContaining("at least 1") as string,
      });
    expect(asked).toEqual([]);
  });

  test("an iteration that two cadences have is not guessed: both are told, and taken by their ids", async () => {
    const group = emulator.state.groupByPath("acme/platform");
    const cadence = { groupId: group?.id ?? 0, description: "", durationInWeeks: 1, startDate: "2026-03-09" };
    emulator.state.workItems.addCadence({ ...cadence, title: "Weekly" }, 2);
    const place = { project_id: "acme/platform/api", title: "x" };
    for (const [iteration, fortnightly, weekly] of [
      ["current", "2026-03-02 to 2026-03-15", "2026-03-09 to 2026-03-15"],
      ["next", "2026-03-16 to 2026-03-29", "2026-03-16 to 2026-03-22"],
    ] as const)
      await expect(workItemCreate(ada, { ...place, iteration })).rejects.toMatchObject({
        code: "invalid_input",
        message: expect.stringMatching(
          new RegExp(
            `^iteration: "${iteration}" may be any of 2 iterations in acme/platform/api: Fortnightly ${fortnightly} \\(gid.*\\); Weekly ${weekly} \\(gid`,
          ),
        ) as string,
      });
    expect(asked).toEqual([]);
    const all = await iterationsList(ada, { project_id: place.project_id, state: "current" });
    const weekly = all.data.find(({ iterationCadence }) => iterationCadence.title === "Weekly");
    const made = await workItemCreate(ada, { ...place, iteration: weekly?.id ?? "" });
    const { data } = await workItemGet(ada, { work_item: made.data.reference }, { view: "compact" });
    expect(data).toMatchObject({ iteration: { start_date: "2026-03-09" } });
  });

  test("a dry run shows the mutation with the ids that names stand for, and changes nothing", async () => {
    const before = emulator.state.planning.issues.length;
    const { data } = await workItemCreate(ada, { project_id, title: "Dry", labels: ["bug"] }, { dryRun: true });
    const { body } = data;
    expect(body).toMatchObject({
      query: expect.stringMatching(/^mutation WorkItemCreate/) as string,
      variables: {
        input: {
          namespacePath: project_id,
          title: "Dry",
          workItemTypeId: "gid://gitlab/WorkItems::Type/1",
          labelsWidget: { labelIds: [expect.stringMatching(/^gid:\/\/gitlab\/\w*Label\/\d+$/) as string] },
        },
      },
    });
    expect(emulator.state.planning.issues.length).toBe(before);
    expect(asked).toEqual([]);
  });

  test("a type that lacks a widget, and rules that refuse, are told in GitLab's words", async () => {
    const incident = await create("Down", { type: "incident" });
    await expect(workItemUpdate(ada, { work_item: incident, weight: 1 })).rejects.toMatchObject({
      code: "validation_failed",
      message: expect.stringContaining("not supported by Incident type") as string,
      hint: expect.stringContaining("gitlab_work_item_types_list") as string,
    });
    const task = await create("Task", { type: "Task" });
    const issue = await create("Issue");
    await expect(workItemUpdate(ada, { work_item: issue, parent: task })).rejects.toMatchObject({
      code: "validation_failed",
      status: 200,
      message: expect.stringContaining("not allowed to add this type") as string,
    });
  });

  test("is converted, and deleted", async () => {
    const item = await create("Rather a task");
    expect((await workItemConvert(ada, { work_item: item, type: "task" })).data.workItemType.name).toBe("Task");
    expect((await workItemDelete(ada, { work_item: item })).data.namespace?.fullPath).toBe("acme/app");
    await expect(workItemGet(ada, { work_item: item })).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("what is sent again", () => {
  const mutations = (since: number): number =>
    emulator.requests.slice(since).filter(({ body }) => JSON.stringify(body)?.includes("mutation") === true).length;

  test("an update, which sets what it sets; not time that is added, and a create is looked for", async () => {
    const item = await create("Again");
    // The look-up of the item is a query, which passes before.
    emulator.faults.add({ path: "/api/graphql", after: 1, reset: "after" });
    await workItemUpdate(ada, { work_item: item, title: "Again and again" });
    expect((await compact(item))["title"]).toBe("Again and again");

    emulator.faults.add({ path: "/api/graphql", after: 1, reset: "after" });
    await expect(workItemUpdate(ada, { work_item: item, time_spent: "30m" })).rejects.toMatchObject({
      code: "network_error",
      retryable: false,
    });
    const { data } = await workItemGet(ada, { work_item: item });
    expect(JSON.stringify(data)).toContain('"totalTimeSpent":1800');

    const before = emulator.requests.length;
    // A type by its id is not looked up.
    const type = "gid://gitlab/WorkItems::Type/1";
    emulator.faults.add({ path: "/api/graphql", reset: "after" });
    const made = await workItemCreate(ada, { project_id, title: "Once", type });
    expect(made).toMatchObject({ data: { title: "Once" }, warnings: [expect.stringContaining("found again")] });
    expect(mutations(before)).toBe(1);
  });
});

describe("children and links", () => {
  test("children are added, listed and ordered", async () => {
    const issue = await create("Parent");
    const [one, two] = [await create("One", { type: "Task" }), await create("Two", { type: "Task" })];
    const iid = one.split("#")[1] ?? "";
    const added = await workItemChildrenAdd(ada, { work_item: issue, children: [`#${iid}`, two] });
    expect(added.data.addedChildren?.map((child) => child?.title)).toEqual(["One", "Two"]);
    await workItemChildReorder(ada, { work_item: two, parent: issue, adjacent: one, position: "BEFORE" });
    const children = await workItemChildrenList(ada, { work_item: issue }, { view: "compact" });
    expect(children.data.map(({ title }) => title)).toEqual(["Two", "One"]);
    const titles: string[] = [];
    for await (const child of workItemChildrenList.pages(ada, { work_item: issue, first: 1 })) titles.push(child.title);
    expect(titles).toEqual(["Two", "One"]);
    await workItemUpdate(ada, { work_item: one, parent: null });
    expect((await workItemChildrenList(ada, { work_item: issue })).data).toHaveLength(1);
  });

  test("links are made, listed and taken away", async () => {
    const [one, other] = [await create("Blocked"), await create("Blocking")];
    await workItemLinkAdd(ada, { work_item: one, link_type: "BLOCKED_BY", linked_items: [other] });
    expect((await workItemLinksList(ada, { work_item: one }, { view: "compact" })).data).toMatchObject([
      { link_type: "is_blocked_by", work_item: { reference: other, title: "Blocking", state: "OPEN" } },
    ]);
    await expect(workItemLinkAdd(ada, { work_item: one, linked_items: [other] })).rejects.toMatchObject({
      code: "validation_failed",
    });
    await workItemLinkRemove(ada, { work_item: one, linked_items: [other] });
    expect((await workItemLinksList(ada, { work_item: one })).data).toEqual([]);
  });
});

describe("notes", () => {
  test("are written, answered, changed, resolved and deleted", async () => {
    const work_item = await create("Talk");
    const made = await workItemThreadCreate(ada, { work_item, body: "Why?" });
    const discussion_id = made.data.note?.discussion?.id ?? "";
    const reply = await workItemNoteCreate(ada, { work_item, body: "Because", discussion_id });
    const note_id = reply.data.note?.id ?? "";
    await workItemNoteUpdate(ada, { note_id, body: "Because of that" });
    expect((await workItemThreadResolve(ada, { discussion_id, resolve: true })).data?.resolved).toBe(true);
    const threads = await workItemNotesList(ada, { work_item }, { view: "compact" });
    expect(threads.data).toMatchObject([
      {
        id: discussion_id,
        resolved: true,
        notes: [
          { author: "ada", body: "Why?" },
          { id: note_id, body: "Because of that" },
        ],
      },
    ]);
    await workItemNoteDelete(ada, { note_id: note_id.split("/").at(-1) ?? "" });
    expect((await workItemNotesList(ada, { work_item })).data[0]?.notes.nodes).toHaveLength(1);
  });

  test("of nothing but quick actions are none, and say what was done", async () => {
    const work_item = await create("Commands");
    const { data } = await workItemNoteCreate(ada, { work_item, body: "/close" });
    expect(data).toMatchObject({ note: null, quickActionsStatus: { commandsOnly: true } });
    expect((await compact(work_item))["state"]).toBe("CLOSED");
  });

  test("quick actions are under policy, in notes and in descriptions", async () => {
    const work_item = await create("Policy");
    const strict = gitlab.as("ada", { policy: { quickActions: "refuse" } });
    await expect(workItemNoteCreate(strict, { work_item, body: "Well\n/close" })).rejects.toMatchObject({
      code: "invalid_input",
    });
    await expect(workItemUpdate(strict, { work_item, description: "/label ~bug" })).rejects.toMatchObject({
      code: "invalid_input",
    });
    const escaping = gitlab.as("ada", { policy: { quickActions: "escape" } });
    await workItemNoteCreate(escaping, { work_item, body: "/close" });
    expect((await compact(work_item))["state"]).toBe("OPEN");
  });
});

describe("policies", () => {
  test("a mutation is no read, and deleting is destructive", async () => {
    const work_item = await create("Kept");
    await expect(
      workItemUpdate(gitlab.as("ada", { policy: { access: "read" } }), { work_item, title: "x" }),
    ).rejects.toMatchObject({ code: "forbidden" });
    await expect(
      workItemDelete(gitlab.as("ada", { policy: { access: "write" } }), { work_item }),
    ).rejects.toMatchObject({ code: "forbidden" });
  });

  test("approval is asked for the request as it is sent; a refusal sends nothing", async () => {
    const work_item = await create("Approved");
    asked.length = 0;
    await workItemUpdate(ada, { work_item, title: "Approved by a person" });
    expect(asked).toMatchObject([{ toolName: "gitlab_work_item_update", access: "write" }]);
    const strict = createGitLab({
      store: "memory:",
      connections: { gitlab: { baseUrl: emulator.baseUrl } },
      onBeforeWrite: () => false,
    });
    await strict.connectWithToken({
      identifier: "ada",
      token: emulator.tokens.create({ username: "ada", scopes: ["api"] }),
    });
    await expect(workItemUpdate(strict.as("ada"), { work_item, title: "No" })).rejects.toMatchObject({
      code: "forbidden",
    });
    expect((await compact(work_item))["title"]).toBe("Approved by a person");
    await strict.close();
  });

  test("under an allow-list nothing leads out, by place, reference, id or text", async () => {
    const inside = await create("Inside");
    const outside = await create("Outside", { project_id: "acme/other" });
    const confined = gitlab.as("ada", { policy: { projects: ["acme/app"] } });
    expect((await workItemUpdate(confined, { work_item: inside, title: "Inside still" })).data.title).toBe(
      "Inside still",
    );
    const id = (await workItemGet(ada, { work_item: outside })).data.id;
    const before = emulator.requests.length;
    for (const call of [
      () => workItemUpdate(confined, { work_item: outside, title: "x" }),
      () => workItemUpdate(confined, { work_item: id, title: "x" }),
      () => workItemUpdate(confined, { work_item: inside, parent: outside }),
      () => workItemCreate(confined, { project_id: "acme/other", title: "x" }),
      () => workItemCreate(confined, { group_id: "acme", type: "Epic", title: "x" }),
      () => workItemLinkAdd(confined, { work_item: inside, linked_items: [outside] }),
      () => workItemNoteCreate(confined, { work_item: inside, body: `Closes ${outside}` }),
      () => workItemNoteUpdate(confined, { note_id: 1, body: "x" }),
      () => workItemNoteDelete(confined, { note_id: "gid://gitlab/Note/1" }),
      () => workItemThreadResolve(confined, { discussion_id: "gid://gitlab/Discussion/1", resolve: true }),
      () => workItemNoteCreate(confined, { work_item: inside, body: "/move acme/other" }),
    ])
      await expect(call()).rejects.toMatchObject({
        code: expect.stringMatching(/^(?:forbidden|invalid_input)$/) as string,
      });
    const sent = emulator.requests
      .slice(before)
      .filter(({ body }) => JSON.stringify(body)?.includes("mutation") === true);
    expect(sent).toEqual([]);
  });
});

describe("a thread under an allow-list", () => {
  const confined = (): GitLabAccount => gitlab.as("ada", { policy: { projects: ["acme/app"] } });
  const threadOn = async (work_item: string): Promise<string> =>
    (await workItemThreadCreate(ada, { work_item, body: "Is it so?" })).data.note?.discussion?.id ?? "";
  const resolved = async (work_item: string): Promise<unknown[]> =>
    (await workItemNotesList(ada, { work_item })).data.map((thread) => thread.resolved);

  test("is resolved where the work item that it is in is given and allowed", async () => {
    const work_item = await create("With a thread");
    const discussion_id = await threadOn(work_item);
    const { data } = await workItemThreadResolve(confined(), { work_item, discussion_id, resolve: true });
    expect(data).toMatchObject({ id: discussion_id, resolved: true });
    const [place = "", iid = ""] = work_item.split("#");
    const hash = discussion_id.split("/").at(-1) ?? "";
    const beside = { project_id: place, work_item: `#${iid}`, discussion_id: hash, resolve: false };
    expect((await workItemThreadResolve(confined(), beside)).data).toMatchObject({ resolved: false });
  });

  test("of elsewhere is not, whatever work item is named beside it", async () => {
    const inside = await create("Nothing in it");
    const outside = await create("Another's", { project_id: "acme/other" });
    const discussion_id = await threadOn(outside);
    const { id } = (await workItemGet(ada, { work_item: outside })).data;
    const before = emulator.requests.length;
    const attempts: readonly [input: Parameters<typeof workItemThreadResolve>[1], code: string][] = [
      [{ discussion_id, resolve: true }, "forbidden"],
      [{ project_id, discussion_id, resolve: true }, "forbidden"],
      [{ work_item: inside, discussion_id, resolve: true }, "not_found"],
      [{ work_item: outside, discussion_id, resolve: true }, "forbidden"],
      [{ work_item: id, discussion_id, resolve: true }, "forbidden"],
      [{ project_id, work_item: id, discussion_id, resolve: true }, "forbidden"],
      [{ project_id, work_item: outside, discussion_id, resolve: true }, "invalid_input"],
      [{ work_item: inside, discussion_id: discussion_id.split("/").at(-1) ?? "", resolve: true }, "not_found"],
    ];
    for (const [input, code] of attempts)
      await expect(workItemThreadResolve(confined(), input), JSON.stringify(input)).rejects.toMatchObject({ code });
    const sent = emulator.requests.slice(before).filter(({ body }) => JSON.stringify(body).includes("mutation"));
    expect(sent).toEqual([]);
    expect(await resolved(outside)).toEqual([false]);
    await expect(workItemThreadResolve(confined(), { discussion_id, resolve: true })).rejects.toThrow(
      /give the work_item that it is in beside it/,
    );
  });

  test("is looked for where it is said to be without a list, too", async () => {
    const work_item = await create("Mistaken");
    const discussion_id = await threadOn(await create("Meant"));
    await expect(workItemThreadResolve(ada, { work_item, discussion_id, resolve: true })).rejects.toMatchObject({
      code: "not_found",
      hint: expect.stringContaining("gitlab_work_item_notes_list") as string,
    });
  });
});

describe("what else is listed", () => {
  test("types, iterations, cadences, epics", async () => {
    const types = await workItemTypesList(ada, { project_id }, { view: "compact" });
    expect(types.data.find(({ name }) => name === "Issue")).toMatchObject({ id: "gid://gitlab/WorkItems::Type/1" });
    const iterations = await iterationsList(ada, { group_id: "acme", state: "current" }, { view: "compact" });
    expect(iterations.data).toMatchObject([{ iteration_cadence: "Fortnightly", start_date: "2026-03-02" }]);
    expect((await iterationsList(ada, { project_id, state: "current" })).data).toHaveLength(1);
    expect((await iterationCadencesList(ada, { group_id: "acme" })).data).toMatchObject([{ title: "Fortnightly" }]);
    await create("An epic", { group_id: "acme", type: "Epic" });
    const epics = await epicsList(ada, { group_id: "acme", search: "An epic" }, { view: "compact" });
    expect(epics.data).toMatchObject([{ title: "An epic", state: "OPEN" }]);
  });

  test("a merge request and a project at a glance, each with one request", async () => {
    await workItemTypesList(ada, { project_id });
    const before = emulator.requests.length;
    const overview = await mergeRequestOverviewGet(ada, { project_id, merge_request_iid: 1 }, { view: "compact" });
    expect(overview.data).toMatchObject({ iid: "1", detailed_merge_status: expect.any(String) as string });
    const project = await projectOverviewGet(ada, { project_id }, { view: "compact" });
    expect(project.data).toMatchObject({ full_path: "acme/app" });
    expect(paths(before)).toEqual(["POST /api/graphql", "POST /api/graphql"]);
    await expect(mergeRequestOverviewGet(ada, { project_id, merge_request_iid: 99_999 })).rejects.toMatchObject({
      code: "not_found",
      hint: expect.stringContaining("gitlab_merge_requests_list") as string,
    });
  });
});

test("labels of the place alone are looked up once for each name", async () => {
  await labelCreate(ada, { project_id, name: "lonely", color: "#d9534f" });
  const before = emulator.requests.length;
  await workItemCreate(ada, { project_id, title: "x", labels: ["lonely"] });
  const asked = emulator.requests.slice(before).map(({ body }) => JSON.stringify(body ?? ""));
  expect(asked.filter((text) => text.includes("lonely") && text.includes("LookupProjectLabel"))).toHaveLength(1);
});

test("a name is looked up once a minute, and for each account anew", async () => {
  const { as, emulator } = await stage();
  const asked = () =>
    emulator.requests.filter(({ body }) => JSON.stringify(body ?? "").includes("LookupProjectLabel")).length;
  const update = async (account: GitLabAccount) =>
    await workItemUpdate(account, { project_id: "acme/app", work_item: "#1", add_labels: ["bug"] });
  const [ada, ben] = [await as("ada"), await as("ben")];
  await update(ada);
  await update(ada);
  expect(asked()).toBe(1);
  await update(ben);
  expect(asked()).toBe(2);
});
