import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createGitLabEmulator, type GitLabEmulator } from "gitlab-agent-tools/testing";

const folder = new URL("../../spec/graphql/", import.meta.url);
const text = (name: string): string => readFileSync(new URL(`${name}.graphql`, folder), "utf8");
const texts = readdirSync(folder)
  .filter((name) => name.endsWith(".graphql") && name !== "schema.graphql")
  .map((name) => name.replace(".graphql", ""));

type Data = Record<string, unknown>;
interface Answer {
  readonly status: number;
  readonly data: Data;
  readonly errors: readonly { message: string; extensions?: Data }[];
}

let emulator: GitLabEmulator;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  emulator = await createGitLabEmulator({ plan: "ultimate", now: () => new Date("2026-03-10T09:00:00Z") });
  emulator.users.create({ username: "stranger" });
  for (const username of ["ada", "ben", "guest", "stranger", "root"]) {
    tokens[username] = emulator.tokens.create({ username, scopes: ["api"] });
  }
  tokens["reader"] = emulator.tokens.create({ username: "ada", scopes: ["read_api"] });
  const acme = emulator.state.groupByPath("acme");
  emulator.state.workItems.addCadence(
    { groupId: acme?.id ?? 0, title: "Fortnightly", description: "", durationInWeeks: 2, startDate: "2026-03-02" },
    3,
  );
});

afterAll(() => emulator.close());

async function ask(query: string, variables: object = {}, as = "ada"): Promise<Answer> {
  const response = await fetch(`${emulator.baseUrl}/api/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${tokens[as] ?? as}` },
    body: JSON.stringify({ query, variables }),
  });
  const body = (await response.json()) as { data?: Data; errors?: Answer["errors"] };
  return { status: response.status, data: body.data ?? {}, errors: body.errors ?? [] };
}

/** A part of an answer, by a path of names and places. */
function at(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (one, name) => (typeof one === "object" && one !== null ? Reflect.get(one, name) : undefined),
      value,
    );
}

async function create(input: object, as = "ada"): Promise<{ id: string; iid: string }> {
  const { data, errors } = await ask(
    text("work-item-create"),
    { input: { namespacePath: "acme/app", workItemTypeId: "gid://gitlab/WorkItems::Type/1", ...input } },
    as,
  );
  expect([errors, at(data, "workItemCreate.errors")]).toEqual([[], []]);
  return at(data, "workItemCreate.workItem") as { id: string; iid: string };
}

const widget = (item: unknown, type: string): Data =>
  (at(item, "widgets") as Data[]).find((one) => one["type"] === type) ?? {};

async function get(iid: string, path = "acme/app", as = "ada"): Promise<unknown> {
  return at((await ask(text("work-item-get"), { path, iid }, as)).data, "namespace.workItem");
}

describe("every text of ours", () => {
  test.each(texts)("%s passes GitLab's limits, and is answered without an error of the server's own", async (name) => {
    const zeros = "gid://gitlab/X/0";
    const variables: Data = {
      path: "acme/app",
      iid: "1",
      title: "bug",
      isProject: true,
      usernames: ["ada", "nobody"],
      references: ["#1"],
      feature: "EPICS",
      author: "ada",
      id: "gid://gitlab/Vulnerability/1",
      input: { id: zeros },
      ...{ confirms: true, dismisses: false, resolves: false, reverts: false },
    };
    if (name.includes("epics") || name.includes("group") || name.includes("cadences")) variables["path"] = "acme";
    if (name === "pipeline-failures-get") delete variables["id"];
    if (name === "lookup-note") variables["id"] = "gid://gitlab/Note/1";
    if (text(name).includes("$sort: WorkItemSort!")) variables["sort"] = "CREATED_DESC";
    if (text(name).includes("$id: WorkItemID!")) variables["id"] = "gid://gitlab/WorkItem/1";
    const { status, errors } = await ask(text(name), variables);
    expect(status).toBe(200);
    const told = errors.map(({ message }) => message).join("\n");
    expect(told).not.toMatch(/complexity|depth|doesn't exist on type|Cannot|undefined/);
    if (!text(name).includes("mutation ")) expect(told).toBe("");
  });

  test("an issue of the REST API is the same work item", async () => {
    const issue = emulator.state.planning.issues.find(({ iid, projectId }) => iid === 1 && projectId > 0);
    const item = await get("1");
    expect(item).toMatchObject({
      id: `gid://gitlab/WorkItem/${issue?.id}`,
      title: issue?.title,
      reference: "acme/app#1",
      workItemType: { id: "gid://gitlab/WorkItems::Type/1", name: "Issue" },
      namespace: { fullPath: "acme/app" },
    });
  });
});

describe("work items", () => {
  test("are created with widgets, read, changed and deleted", async () => {
    const labels = await ask(text("lookup-project-label"), { path: "acme/app", title: "bug" });
    const label = at(labels.data, "project.labels.nodes.0.id");
    const users = await ask(text("lookup-users"), { usernames: ["ben"] });
    const user = at(users.data, "users.nodes.0.id");
    const item = await create({
      title: "Login fails",
      descriptionWidget: { description: "- [x] seen\n- [ ] mended" },
      assigneesWidget: { assigneeIds: [user] },
      labelsWidget: { labelIds: [label] },
      weightWidget: { weight: 3 },
      healthStatusWidget: { healthStatus: "atRisk" },
      startAndDueDateWidget: { dueDate: "2026-04-01" },
    });
    const read = await get(item.iid);
    expect(widget(read, "ASSIGNEES")).toMatchObject({ assignees: { nodes: [{ username: "ben" }] } });
    expect(widget(read, "LABELS")).toMatchObject({ labels: { nodes: [{ title: "bug" }] } });
    expect(widget(read, "DESCRIPTION")).toMatchObject({ taskCompletionStatus: { count: 2, completedCount: 1 } });
    expect(widget(read, "WEIGHT")).toMatchObject({ weight: 3 });
    expect(widget(read, "HEALTH_STATUS")).toMatchObject({ healthStatus: "atRisk" });
    expect(widget(read, "STATUS")).toMatchObject({ status: { name: "To do" } });
    const iterations = await ask(text("iterations-list"), { path: "acme", isProject: false, state: "current" });
    const iteration = at(iterations.data, "group.iterations.nodes.0");
    expect(iteration).toMatchObject({ startDate: "2026-03-02", state: "current" });
    const { data } = await ask(text("work-item-update"), {
      input: {
        id: item.id,
        title: "Login fails on Safari",
        assigneesWidget: { assigneeIds: [] },
        labelsWidget: { removeLabelIds: [label] },
        weightWidget: { weight: null },
        statusWidget: { name: "in progress" },
        iterationWidget: { iterationId: at(iteration, "id") },
        timeTrackingWidget: { timeEstimate: "3h", timelog: { timeSpent: "30m" } },
      },
    });
    const changed = at(data, "workItemUpdate.workItem");
    expect(changed).toMatchObject({ title: "Login fails on Safari", state: "OPEN", lockVersion: 1 });
    expect(widget(changed, "ASSIGNEES")).toMatchObject({ assignees: { nodes: [] } });
    expect(widget(changed, "LABELS")).toMatchObject({ labels: { nodes: [] } });
    expect(widget(changed, "WEIGHT")).toMatchObject({ weight: null });
    expect(widget(changed, "STATUS")).toMatchObject({ status: { name: "In progress", category: "IN_PROGRESS" } });
    expect(widget(changed, "TIME_TRACKING")).toMatchObject({ timeEstimate: 10_800, totalTimeSpent: 1800 });
    expect(widget(changed, "ITERATION")).toMatchObject({ iteration: { startDate: "2026-03-02" } });
    const gone = await ask(text("work-item-delete"), { input: { id: item.id } });
    expect(at(gone.data, "workItemDelete")).toEqual({ errors: [], namespace: { fullPath: "acme/app" } });
    expect(await get(item.iid)).toBeNull();
  });

  test("a status that stands for done closes, and reopening sets the default one", async () => {
    const item = await create({ title: "Status" });
    await ask(text("work-item-update"), { input: { id: item.id, statusWidget: { name: "Won't do" } } });
    expect(await get(item.iid)).toMatchObject({ state: "CLOSED" });
    await ask(text("work-item-update"), { input: { id: item.id, stateEvent: "REOPEN" } });
    const read = await get(item.iid);
    expect([at(read, "state"), at(widget(read, "STATUS"), "status.name")]).toEqual(["OPEN", "To do"]);
  });

  test("epics hold issues, issues hold tasks, and nothing holds itself", async () => {
    const epic = await create({
      title: "Faster checkout",
      namespacePath: "acme",
      workItemTypeId: "gid://gitlab/WorkItems::Type/8",
    });
    const issue = await create({
      title: "Cache prices",
      hierarchyWidget: { parentId: epic.id },
      weightWidget: { weight: 2 },
    });
    const task = await create({ title: "Measure", workItemTypeId: "gid://gitlab/WorkItems::Type/5" });
    const added = await ask(text("work-item-children-add"), { input: { id: issue.id, childrenIds: [task.id] } });
    expect(at(added.data, "workItemHierarchyAddChildrenItems")).toMatchObject({
      errors: [],
      addedChildren: [{ title: "Measure" }],
    });
    const above = await ask(text("work-item-children-list"), { path: "acme", iid: epic.iid });
    const hierarchy = at(above.data, "namespace.workItem.widgets.0");
    expect(hierarchy).toMatchObject({
      hasChildren: true,
      children: { nodes: [{ title: "Cache prices", reference: `acme/app#${issue.iid}` }] },
      rolledUpCountsByType: [
        { workItemType: { name: "Issue" }, countsByState: { all: 1, opened: 1, closed: 0 } },
        { workItemType: { name: "Task" }, countsByState: { all: 1 } },
      ],
    });
    const below = await ask(text("work-item-children-list"), { path: "acme/app", iid: task.iid });
    expect(at(below.data, "namespace.workItem.widgets.0.ancestors.nodes")).toMatchObject([
      { title: "Faster checkout", reference: `acme&${epic.iid}` },
      { title: "Cache prices" },
    ]);
    const wrong = await ask(text("work-item-update"), {
      input: { id: issue.id, hierarchyWidget: { parentId: task.id } },
    });
    expect(at(wrong.data, "workItemUpdate.errors.0")).toMatch(/not allowed to add this type/);
    const epics = await ask(text("epics-list"), { path: "acme" });
    expect(at(epics.data, "group.workItems.nodes")).toMatchObject([{ title: "Faster checkout" }]);
    const freed = await ask(text("work-item-update"), { input: { id: issue.id, hierarchyWidget: { parentId: null } } });
    expect(widget(at(freed.data, "workItemUpdate.workItem"), "HIERARCHY")).toMatchObject({ parent: null });
  });

  test("are linked, seen from both ends, and unlinked", async () => {
    const [one, other] = [await create({ title: "One" }), await create({ title: "Other" })];
    const input = { id: one.id, linkType: "BLOCKED_BY", workItemsIds: [other.id] };
    expect(at((await ask(text("work-item-link-add"), { input })).data, "workItemAddLinkedItems.errors")).toEqual([]);
    const links = async (iid: string): Promise<unknown> =>
      at((await ask(text("work-item-links-list"), { path: "acme/app", iid })).data, "namespace.workItem.widgets.0");
    expect(await links(one.iid)).toMatchObject({
      blocked: true,
      linkedItems: { nodes: [{ linkType: "is_blocked_by" }] },
    });
    expect(await links(other.iid)).toMatchObject({ blocked: false, linkedItems: { nodes: [{ linkType: "blocks" }] } });
    const again = await ask(text("work-item-link-add"), { input });
    expect(at(again.data, "workItemAddLinkedItems.errors")).toHaveLength(1);
    await ask(text("work-item-link-remove"), { input: { id: one.id, workItemsIds: [other.id] } });
    expect(await links(one.iid)).toMatchObject({ linkedItems: { nodes: [] } });
  });

  test("are listed by filters, sorted, and paged by cursor", async () => {
    for (const title of ["zebra a", "zebra b", "zebra c"]) await create({ title });
    const list = async (variables: object): Promise<unknown> =>
      at((await ask(text("work-items-list"), { path: "acme/app", ...variables })).data, "namespace.workItems");
    const first = await list({ search: "zebra", in: ["TITLE"], sort: "TITLE_ASC", first: 2 });
    expect(first).toMatchObject({ count: 3, nodes: [{ title: "zebra a" }, { title: "zebra b" }] });
    const after = at(first, "pageInfo.endCursor");
    const second = await list({ search: "zebra", in: ["TITLE"], sort: "TITLE_ASC", first: 2, after });
    expect(second).toMatchObject({ nodes: [{ title: "zebra c" }], pageInfo: { hasNextPage: false } });
    const closed = await list({ state: "closed" });
    expect(new Set((at(closed, "nodes") as Data[]).map(({ state }) => state))).toEqual(new Set(["CLOSED"]));
    const bugs = (await list({ labelName: ["bug"], first: 100 })) as { count: number };
    const others = (await list({ not: { labelName: ["bug"] }, first: 100 })) as { count: number };
    const all = (await list({ first: 100 })) as { count: number };
    expect(bugs.count + others.count).toBe(all.count);
    const group = await ask(text("work-items-list"), { path: "acme", includeDescendants: true, search: "zebra" });
    expect(at(group.data, "namespace.workItems.count")).toBe(3);
  });

  test("are found by what people write", async () => {
    const url = `${emulator.baseUrl}/acme/app/-/issues/2`;
    const { data } = await ask(text("lookup-references"), { path: "acme/app", references: ["#1", url, "#99999"] });
    expect(at(data, "workItemsByReference.nodes")).toMatchObject([{ iid: "1" }, { iid: "2" }]);
  });

  test("types say what they may carry", async () => {
    const { data } = await ask(text("work-item-types-list"), { path: "acme/app" });
    const types = at(data, "namespace.workItemTypes.nodes") as Data[];
    const issue = types.find(({ name }) => name === "Issue");
    const definitions = at(issue, "widgetDefinitions") as Data[];
    expect(definitions.find(({ type }) => type === "HIERARCHY")).toMatchObject({
      allowedChildTypes: { nodes: [{ name: "Task" }] },
      allowedParentTypes: { nodes: [{ name: "Epic" }] },
    });
    const { data: converted } = await ask(text("work-item-convert"), {
      input: { id: (await create({ title: "Rather a task" })).id, workItemTypeId: "gid://gitlab/WorkItems::Type/5" },
    });
    expect(at(converted, "workItemConvert.workItem.workItemType.name")).toBe("Task");
  });
});

describe("notes", () => {
  test("are written, answered, changed, resolved and deleted", async () => {
    const item = await create({ title: "Talk" });
    const made = await ask(text("work-item-note-create"), { input: { noteableId: item.id, body: "First" } });
    const note = at(made.data, "createNote.note");
    const reply = { noteableId: item.id, body: "Second", discussionId: at(note, "discussion.id") };
    await ask(text("work-item-note-create"), { input: reply }, "ben");
    await ask(text("work-item-note-update"), { input: { id: at(note, "id"), body: "First, corrected" } });
    const threads = async (): Promise<unknown> =>
      at(
        (await ask(text("work-item-notes-list"), { path: "acme/app", iid: item.iid })).data,
        "namespace.workItem.widgets.0.discussions.nodes",
      );
    expect(await threads()).toMatchObject([
      { notes: { nodes: [{ body: "First, corrected" }, { body: "Second", author: { username: "ben" } }] } },
    ]);
    const rest = await fetch(`${emulator.baseUrl}/api/v4/projects/acme%2Fapp/issues/${item.iid}/notes`, {
      headers: { authorization: `Bearer ${tokens["ada"]}` },
    });
    expect(((await rest.json()) as Data[]).map(({ body }) => body)).toEqual(["Second", "First, corrected"]);
    const deletion = await ask(text("work-item-note-delete"), { input: { id: at(note, "id") } }, "guest");
    expect(deletion.errors[0]?.message).toMatch(/does not exist or you don't have permission/);
  });

  test("of nothing but quick actions are null, and their commands carried out", async () => {
    const item = await create({ title: "Commands" });
    const { data } = await ask(text("work-item-note-create"), { input: { noteableId: item.id, body: "/close" } });
    expect(at(data, "createNote")).toMatchObject({
      errors: [],
      note: null,
      quickActionsStatus: { commandsOnly: true, commandNames: ["close"] },
    });
    expect(await get(item.iid)).toMatchObject({ state: "CLOSED" });
  });
});

describe("merge requests and pipelines", () => {
  test("an overview says what stands in the way", async () => {
    const { data } = await ask(text("merge-request-overview-get"), { path: "acme/app", iid: "1" });
    const item = at(data, "project.mergeRequest");
    const rest = await fetch(`${emulator.baseUrl}/api/v4/projects/acme%2Fapp/merge_requests/1`, {
      headers: { authorization: `Bearer ${tokens["ada"]}` },
    });
    const known = (await rest.json()) as Data;
    expect(at(item, "detailedMergeStatus")).toBe(String(known["detailed_merge_status"]).toUpperCase());
    expect(at(item, "diffHeadSha")).toBe(known["sha"]);
    expect((at(item, "mergeabilityChecks") as Data[]).length).toBeGreaterThan(5);
  });

  test("threads have their place in the diff, and are resolved", async () => {
    const rest = async (path: string, body?: object): Promise<Data[]> => {
      const response = await fetch(`${emulator.baseUrl}/api/v4/projects/acme%2Fapp/merge_requests/1${path}`, {
        method: body === undefined ? "GET" : "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${tokens["ada"]}` },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return (await response.json()) as Data[];
    };
    const [version] = await rest("/versions");
    const diff = (await rest("/diffs")).find((one) => String(one["diff"]).includes("\n+"));
    const [, start = "1", lines = ""] = /@@ -\S+ \+(\d+)\S* @@[^\n]*\n([^]*)/.exec(String(diff?.["diff"])) ?? [];
    const before = lines.split("\n").findIndex((line) => line.startsWith("+"));
    const kept = lines
      .split("\n")
      .slice(0, before)
      .filter((line) => !line.startsWith("-")).length;
    const position = {
      base_sha: version?.["base_commit_sha"],
      start_sha: version?.["start_commit_sha"],
      head_sha: version?.["head_commit_sha"],
      position_type: "text",
      old_path: diff?.["old_path"],
      new_path: diff?.["new_path"],
      new_line: Number(start) + kept,
    };
    await rest("/discussions", { body: "Why so?", position });
    const { data } = await ask(text("merge-request-threads-list"), { path: "acme/app", iid: "1" });
    const nodes = at(data, "project.mergeRequest.discussions.nodes") as Data[];
    const thread = nodes.find((one) => at(one, "notes.nodes.0.position") !== null);
    expect(at(thread, "notes.nodes.0")).toMatchObject({
      body: "Why so?",
      position: { filePath: position.new_path, newLine: position.new_line, oldLine: null },
    });
    const resolved = await ask(text("work-item-thread-resolve"), { input: { id: thread?.["id"], resolve: true } });
    expect(at(resolved.data, "discussionToggleResolve.discussion")).toMatchObject({
      resolved: true,
      resolvedBy: { username: "ada" },
    });
  });

  test("a pipeline's failures come with the ends of the logs", async () => {
    const failed = emulator.state.planning.pipelines.find(({ status }) => status === "failed");
    const path = emulator.state.projectPath(emulator.state.project(failed?.projectId ?? 0));
    const { data } = await ask(text("pipeline-failures-get"), { path, id: `gid://gitlab/Ci::Pipeline/${failed?.id}` });
    const job = at(data, "project.pipeline.failedJobs.nodes.0");
    expect(job).toMatchObject({ failureMessage: expect.stringContaining("failure") as string });
    expect(at(job, "trace.htmlSummary")).toContain("<br/>");
  });
});

describe("errors in GitLab's forms", () => {
  test("what the schema lacks", async () => {
    expect((await ask("{ currentUser { shoeSize } }")).errors).toMatchObject([
      {
        message: "Field 'shoeSize' doesn't exist on type 'CurrentUser'",
        extensions: { code: "undefinedField", typeName: "CurrentUser", fieldName: "shoeSize" },
      },
    ]);
    expect((await ask('{ currentUser { todos(colour: "red") { nodes { id } } } }')).errors).toMatchObject([
      { message: "Field 'todos' doesn't accept argument 'colour'", extensions: { code: "argumentNotAccepted" } },
    ]);
  });

  test("what is missing or forbidden: null to who asks, an error to who changes", async () => {
    const hidden = await ask(text("work-item-get"), { path: "acme/app", iid: "1" }, "stranger");
    expect([hidden.data, hidden.errors]).toEqual([{ namespace: null }, []]);
    const id = `gid://gitlab/WorkItem/${emulator.state.planning.issues[0]?.id}`;
    const change = (as: string): Promise<Answer> => ask(text("work-item-update"), { input: { id, title: "x" } }, as);
    for (const as of ["stranger", "reader"]) {
      const { data, errors } = await change(as);
      expect(data).toEqual({ workItemUpdate: null });
      expect(errors[0]?.message).toMatch(/^The resource that you are attempting to access does not exist/);
    }
  });

  test("ids of another class, and of none", async () => {
    const query = "query Q($id: WorkItemID!) { workItem(id: $id) { id } }";
    const told = async (id: string): Promise<unknown> => (await ask(query, { id })).errors[0]?.message;
    expect(await told("gid://gitlab/User/1")).toBe('"gid://gitlab/User/1" is not a valid ID for WorkItem.');
    expect(await told("42")).toBe('"42" is not a valid GitLab ID.');
  });

  test("a widget that the type lacks", async () => {
    const incident = await create({ title: "Down", workItemTypeId: "gid://gitlab/WorkItems::Type/2" });
    const { errors } = await ask(text("work-item-update"), { input: { id: incident.id, weightWidget: { weight: 1 } } });
    expect(errors[0]?.message).toBe("Following widget keys are not supported by Incident type: [:weight_widget]");
  });

  test("texts that are too long, too dear or too deep", async () => {
    expect(await ask(`{ ${" ".repeat(10_001)} currentUser { id } }`)).toMatchObject({ status: 422 });
    const dear = `{ ${Array.from({ length: 30 }, (_, n) => `a${n}: users(first: 100) { nodes { id name username } }`).join(" ")} }`;
    expect((await ask(dear)).errors[0]?.message).toMatch(
      /^Query has complexity of \d+, which exceeds max complexity of 250$/,
    );
    const deep = "parent { widgets { ... on WorkItemWidgetHierarchy { ".repeat(12);
    const query = `query Q($id: WorkItemID!) { workItem(id: $id) { widgets { ... on WorkItemWidgetHierarchy { ${deep} type ${"} } } ".repeat(12)} } } } }`;
    expect((await ask(query, { id: "gid://gitlab/WorkItem/1" })).errors[0]?.message).toMatch(/^Query has depth of/);
    const cost = await ask("{ queryComplexity { score limit } }");
    expect(cost.data).toEqual({ queryComplexity: { score: 3, limit: 250 } });
  });

  test("a token that is unknown", async () => {
    expect(await ask("{ currentUser { id } }", {}, "glpat-unknown")).toMatchObject({
      status: 401,
      errors: [{ message: "Invalid token" }],
    });
  });
});

test("a Community build lacks what is paid for, and one such field fails the whole text", async () => {
  const community = await createGitLabEmulator({ plan: "free" });
  const token = community.tokens.create({ username: "ada", scopes: ["api"] });
  const response = await fetch(`${community.baseUrl}/api/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: text("iterations-list"), variables: { path: "acme", isProject: false } }),
  });
  const { errors, data } = (await response.json()) as { errors: { message: string }[]; data?: unknown };
  expect(errors[0]?.message).toMatch(/Iteration|doesn't exist/);
  expect(data).toBeUndefined();
  await community.close();
});
