import { describe, expect, test } from "vitest";
import { createGitLab } from "gitlab-agent-tools";
import { createGitLabEmulator } from "gitlab-agent-tools/testing";
import { createWebhookReceiver, signWebhook, webhookKinds, type AnyWebhookEvent } from "gitlab-agent-tools/webhooks";
import { mentionsIn } from "../../src/webhooks/people.js";

const secret = "a secret that only GitLab knows";
const project = { id: 7, name: "App", path_with_namespace: "acme/app", web_url: "https://gitlab.com/acme/app" };
const [ada, ben, cy] = ["ada", "ben", "cy"].map((username, index) => ({ id: index + 1, username, name: username }));
const zeros = "0".repeat(40);
const sha = "a".repeat(40);
const attributes = { id: 900, iid: 3, title: "Crash", description: "", state: "opened" };

async function receive(body: object, event?: string): Promise<AnyWebhookEvent> {
  const delivery = signWebhook({ secret, body, ...(event !== undefined && { event }) });
  return await createWebhookReceiver({ secrets: secret }).verify(new Request("https://a.example/", delivery));
}

/** A payload as GitLab's documentation shows it, in short, with the names that handlers can ask for. */
const payloads: readonly [kind: string, body: object, names: readonly string[]][] = [
  ["push", { object_kind: "push", ref: "refs/heads/main", before: sha, after: sha, project }, ["push.updated"]],
  ["push", { object_kind: "push", before: zeros, after: sha, project }, ["push.created"]],
  ["tag_push", { object_kind: "tag_push", before: sha, after: zeros, project }, ["tag_push.deleted"]],
  ["issue", { object_kind: "issue", project, object_attributes: { ...attributes, action: "close" } }, ["issue.close"]],
  [
    "work_item",
    { object_kind: "work_item", project, object_attributes: { ...attributes, action: "open" } },
    ["work_item.open"],
  ],
  ["note", { object_kind: "note", project, object_attributes: { note: "x", action: "create" } }, ["note.create"]],
  [
    "merge_request",
    { object_kind: "merge_request", project, object_attributes: { ...attributes, action: "update", oldrev: sha } },
    ["merge_request.update", "merge_request.pushed"],
  ],
  [
    "merge_request",
    {
      object_kind: "merge_request",
      project,
      object_attributes: { ...attributes, action: "update" },
      changes: { draft: { previous: true, current: false } },
    },
    ["merge_request.update", "merge_request.ready"],
  ],
  ["pipeline", { object_kind: "pipeline", project, object_attributes: { status: "failed" } }, ["pipeline.failed"]],
  ["build", { object_kind: "build", project, build_status: "success" }, ["build.success"]],
  ["deployment", { object_kind: "deployment", project, status: "running" }, ["deployment.running"]],
  ["release", { object_kind: "release", project, action: "create", tag: "v1" }, ["release.create"]],
  ["milestone", { object_kind: "milestone", project, action: "close", object_attributes: {} }, ["milestone.close"]],
  ["emoji", { object_kind: "emoji", event_type: "award", project, object_attributes: {} }, ["emoji.award"]],
  [
    "wiki_page",
    { object_kind: "wiki_page", project, object_attributes: { action: "create", slug: "home" } },
    ["wiki_page.create"],
  ],
  [
    "feature_flag",
    { object_kind: "feature_flag", project, object_attributes: { active: true } },
    ["feature_flag.active"],
  ],
  [
    "vulnerability",
    { object_kind: "vulnerability", object_attributes: { project_id: 7, state: "detected" } },
    ["vulnerability.detected"],
  ],
  [
    "access_token",
    { object_kind: "access_token", event_name: "expiring_access_token", project, object_attributes: {} },
    ["access_token.expiring_access_token"],
  ],
  [
    "deploy_token",
    { object_kind: "deploy_token", event_name: "expiring_deploy_token", project, object_attributes: {} },
    ["deploy_token.expiring_deploy_token"],
  ],
  ["member", { event_name: "user_add_to_group", group_id: 1, user_username: "ben" }, ["member.user_add_to_group"]],
  ["project", { event_name: "project_create", project_id: 7 }, ["project.project_create"]],
  ["subgroup", { event_name: "subgroup_create", group_id: 2 }, ["subgroup.subgroup_create"]],
];

test("every kind that GitLab sends has a payload below", () => {
  expect([...new Set(payloads.map(([kind]) => kind))]).toEqual(webhookKinds);
});

test.each(payloads)("%s is told by its payload, with what happened", async (kind, body, names) => {
  const event = await receive(body);
  expect([event.kind, event.names]).toEqual([kind, ["*", kind, ...names]]);
});

test("a payload of the sender's own template is unknown, whatever the header says", async () => {
  const event = await receive({ text: "hello" }, "Merge Request Hook");
  expect([event.kind, event.names]).toEqual(["unknown", ["*", "unknown"]]);
  expect((await receive({ object_kind: "brand_new" })).kind).toBe("unknown");
});

describe("the people whom an event concerns", () => {
  test("of a new issue are those assigned and mentioned, never who wrote it", async () => {
    const description = "@ben, @cy and @ada: see `@dan`\n> @eve said\n```\n@fay\n```\nmail me@gil.example";
    const { people, names } = await receive({
      object_kind: "issue",
      user: ada,
      project,
      assignees: [ada, ben],
      object_attributes: { ...attributes, description, action: "open" },
    });
    expect(people).toEqual([
      { username: "ben", id: 2, reasons: ["mentioned", "assigned"] },
      { username: "cy", reasons: ["mentioned"] },
    ]);
    expect(names).toEqual(["*", "issue", "issue.open", "issue.mentioned", "issue.assigned"]);
  });

  test("of a changed merge request are those who were not there before", async () => {
    const { people } = await receive({
      object_kind: "merge_request",
      user: ada,
      project,
      assignees: [ben, cy],
      reviewers: [ben],
      object_attributes: { ...attributes, action: "update" },
      changes: {
        assignees: { previous: [ben], current: [ben, cy] },
        reviewers: { previous: [], current: [ben] },
        description: { previous: "cc @ben", current: "cc @ben @dan" },
      },
    });
    expect(people).toEqual([
      { username: "dan", reasons: ["mentioned"] },
      { username: "cy", id: 3, reasons: ["assigned"] },
      { username: "ben", id: 2, reasons: ["review_requested"] },
    ]);
  });

  test("of a merge request are those asked again for a review", async () => {
    const { names, people } = await receive({
      object_kind: "merge_request",
      user: ada,
      project,
      object_attributes: { ...attributes, action: "update" },
      changes: { reviewers: { previous: [ben], current: [{ ...ben, re_requested: true }] } },
    });
    expect(people).toEqual([{ username: "ben", id: 2, reasons: ["review_requested"] }]);
    expect(names).toContain("merge_request.review_requested");
  });

  test("of a comment are those it mentions; of a system note nobody", async () => {
    const note = (more: object): object => ({
      object_kind: "note",
      user: ada,
      project,
      object_attributes: { note: "assigned to @ben", noteable_type: "Issue", action: "create", ...more },
    });
    expect((await receive(note({}))).names).toContain("note.mentioned");
    expect((await receive(note({ system: true }))).people).toEqual([]);
  });
});

test("mentions are read as GitLab reads them", () => {
  expect(mentionsIn("@a.b-c. @d-, (@e) a@f @all <!-- @g --> `` @h `` **@i** @j/k")).toEqual([
    "a.b-c",
    "d",
    "e",
    "i",
    "j",
  ]);
});

test("an event leads to the accounts of the people whom it concerns", async () => {
  const emulator = await createGitLabEmulator();
  const gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl: emulator.baseUrl } } });
  try {
    for (const username of ["ada", "ben"]) {
      const token = emulator.tokens.create({ username, scopes: ["api"] });
      await gitlab.connectWithToken({ identifier: `engineer-${username}`, token });
    }
    await gitlab.actions.getOrCreateConnectedAccount({ identifier: "not-connected-yet" });
    const known = emulator.state.userByName("ben");
    const receiver = createWebhookReceiver({ secrets: secret, gitlab });
    const accounts = async (people: object): Promise<unknown> => {
      const body = { object_kind: "issue", user: cy, project, ...people };
      const event = await receiver.verify(new Request("https://a.example/", signWebhook({ secret, body })));
      return (await event.accounts()).map(({ identifier, reasons }) => [identifier, reasons]);
    };
    const open = { ...attributes, action: "open" };
    expect(await accounts({ object_attributes: { ...open, description: "@Ada, @nobody" } })).toEqual([
      ["engineer-ada", ["mentioned"]],
    ]);
    expect(await accounts({ object_attributes: open, assignees: [{ username: "ben", id: known?.id }] })).toEqual([
      ["engineer-ben", ["assigned"]],
    ]);
    // The same name with another id is somebody of another instance.
    expect(await accounts({ object_attributes: open, assignees: [{ username: "ben", id: 1 }] })).toEqual([]);
  } finally {
    await gitlab.close();
    await emulator.close();
  }
});
