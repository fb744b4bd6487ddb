import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createGitLab, type GitLab } from "gitlab-agent-tools";
import { createGitLabEmulator, type GitLabEmulator, type HookDelivery } from "gitlab-agent-tools/testing";
import {
  createSigningToken,
  createWebhookReceiver,
  toNodeHandler,
  webhookKinds,
  type AnyWebhookEvent,
} from "gitlab-agent-tools/webhooks";

let emulator: GitLabEmulator;
let gitlab: GitLab;
let url = "";
let answerWith: number | undefined;
const signingToken = createSigningToken();
const received: { event: AnyWebhookEvent; accounts: string[] }[] = [];
const tokens: Record<string, string> = {};
let close: () => Promise<void>;

beforeAll(async () => {
  emulator = await createGitLabEmulator({ plan: "ultimate" });
  gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl: emulator.baseUrl } } });
  for (const username of ["ada", "ben", "root"]) {
    tokens[username] = emulator.tokens.create({ username, scopes: ["api"] });
    if (username !== "root")
      await gitlab.connectWithToken({ identifier: `engineer-${username}`, token: tokens[username] });
  }
  const receiver = createWebhookReceiver({ secrets: signingToken, gitlab });
  receiver.on("*", async (event) => {
    received.push({ event, accounts: (await event.accounts()).map(({ identifier }) => identifier) });
  });
  const handle = toNodeHandler(receiver);
  const server = createServer((incoming, outgoing) => {
    if (answerWith === undefined) return void handle(incoming, outgoing);
    incoming.resume();
    outgoing.writeHead(answerWith).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`;
  emulator.hooks.add({ of: "acme", url, signingToken });
  close = async () => {
    await gitlab.close();
    await emulator.close();
    await new Promise((resolve) => server.close(resolve));
  };
});

afterAll(() => close());

beforeEach(() => void received.splice(0));

async function api(method: string, path: string, body?: object, as = "ada"): Promise<Record<string, unknown>> {
  const response = await fetch(`${emulator.baseUrl}/api/v4${path}`, {
    method,
    headers: { "content-type": "application/json", authorization: `Bearer ${tokens[as]}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  expect(response.status, `${method} ${path}`).toBeLessThan(300);
  return response.status === 204 ? {} : ((await response.json()) as Record<string, unknown>);
}

/** The names by which the last events can be handled, in order, apart from `*`. */
async function names(): Promise<string[]> {
  await emulator.hooks.settled();
  return received.map(({ event }) => event.names.slice(1).join(" "));
}

const app = "/projects/acme%2Fapp";

describe("what happens is delivered, verified, typed and routed", () => {
  test("issues, with who is assigned and mentioned", async () => {
    const ben = emulator.state.userByName("ben")?.id;
    const issue = await api("POST", `${app}/issues`, { title: "Crash", description: "cc @ben", assignee_ids: [ben] });
    const place = `${app}/issues/${String(issue["iid"])}`;
    await api("PUT", place, { labels: "bug", title: "Crash on start" });
    await api("PUT", place, { state_event: "close" });
    expect(await names()).toEqual([
      "issue issue.open issue.mentioned issue.assigned",
      "issue issue.update issue.labeled",
      "issue issue.close",
    ]);
    const [opened, updated] = received;
    expect(opened?.accounts).toEqual(["engineer-ben"]);
    expect(opened?.event).toMatchObject({ project: { path: "acme/app" }, actor: { username: "ada" } });
    expect(updated?.event.body).toMatchObject({
      changes: { title: { previous: "Crash", current: "Crash on start" }, labels: { current: [{ title: "bug" }] } },
    });
  });

  test("comments, by whichever interface; confidential ones are told apart", async () => {
    const issue = await api("POST", `${app}/issues`, { title: "Secret", confidential: true });
    await fetch(`${emulator.baseUrl}/api/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${tokens["ben"]}` },
      body: JSON.stringify({
        query: "mutation M($input: CreateNoteInput!) { createNote(input: $input) { errors } }",
        variables: { input: { noteableId: `gid://gitlab/WorkItem/${String(issue["id"])}`, body: "@ada, is it you?" } },
      }),
    });
    expect(await names()).toEqual(["issue issue.open", "note note.create note.mentioned"]);
    expect(received[1]?.accounts).toEqual(["engineer-ada"]);
    expect(received[1]?.event.delivery.event).toBe("Confidential Note Hook");
  });

  test("pushes, merge requests, reviews, approvals and merges", async () => {
    const ben = emulator.state.userByName("ben")?.id;
    await api("POST", `${app}/repository/branches?branch=hooks&ref=main`);
    const file = { branch: "hooks", content: "one", commit_message: "Add a file" };
    await api("POST", `${app}/repository/files/hooks.txt`, file);
    const item = await api("POST", `${app}/merge_requests`, {
      source_branch: "hooks",
      target_branch: "main",
      title: "Draft: Hooks",
    });
    const place = `${app}/merge_requests/${String(item["iid"])}`;
    await api("PUT", place, { title: "Hooks", reviewer_ids: [ben] });
    await api("PUT", `${app}/repository/files/hooks.txt`, { ...file, content: "two" });
    await api("POST", `${place}/approve`, {}, "ben");
    const all = (await names()).filter((name) => !/^(?:pipeline|build)/.test(name));
    expect(all).toEqual([
      "push push.created",
      "push push.updated",
      "merge_request merge_request.open",
      "merge_request merge_request.update merge_request.review_requested merge_request.ready",
      expect.stringMatching(/^(?:merge_request.*pushed|push push.updated)$/),
      expect.stringMatching(/^(?:merge_request.*pushed|push push.updated)$/),
      "merge_request merge_request.approved",
    ]);
    const asked = received.find(({ event }) => event.names.includes("merge_request.review_requested"));
    expect(asked?.accounts).toEqual(["engineer-ben"]);
    const pushed = received.find(({ event }) => event.names.includes("push.updated"));
    expect(pushed?.event.body).toMatchObject({ ref: "refs/heads/hooks", commits: [{ message: "Add a file" }] });
  });

  test("pipelines and jobs", async () => {
    const pipeline = await api("POST", `${app}/pipeline`, { ref: "main" });
    emulator.runPipeline(Number(pipeline["id"]));
    const told = await names();
    expect(told).toContain("pipeline pipeline.success");
    expect(told).toContain("build build.success");
  });

  test("tags, releases, milestones, wiki pages, flags, deployments, reactions", async () => {
    await api("POST", `${app}/repository/tags?tag_name=v9.0.0&ref=main`);
    await api("POST", `${app}/releases`, { tag_name: "v9.0.0", name: "Nine" });
    const milestone = await api("POST", `${app}/milestones`, { title: "Ten" });
    await api("PUT", `${app}/milestones/${String(milestone["id"])}`, { state_event: "close" });
    await api("POST", `${app}/wikis`, { title: "Home of hooks", content: "x" });
    await api("POST", `${app}/feature_flags`, { name: "dark", version: "new_version_flag" });
    const sha = emulator.state.projectByPath("acme/app")?.repository.resolve("main");
    await api("POST", `${app}/deployments`, {
      environment: "production",
      sha,
      ref: "main",
      tag: false,
      status: "success",
    });
    await api("POST", `${app}/issues/1/award_emoji`, { name: "rocket" });
    expect((await names()).filter((name) => !/^(?:pipeline|build)/.test(name))).toEqual([
      "tag_push tag_push.created",
      "release release.create",
      "milestone milestone.create",
      "milestone milestone.close",
      "wiki_page wiki_page.create",
      "feature_flag feature_flag.active",
      "deployment deployment.success",
      "emoji emoji.award",
    ]);
  });

  test("members, projects and subgroups of a group", async () => {
    emulator.users.create({ username: "newcomer" });
    emulator.members.set({ username: "newcomer", of: "acme", accessLevel: 30 });
    const acme = emulator.state.groupByPath("acme");
    await api("POST", "/groups", { name: "Below", path: "below", parent_id: acme?.id });
    await api("POST", "/projects", { name: "Fresh", namespace_id: acme?.id });
    expect(await names()).toEqual([
      "member member.user_add_to_group",
      "subgroup subgroup.subgroup_create",
      "project project.project_create",
    ]);
  });

  test("and what does not happen here, sent by hand", async () => {
    const project = { id: 1, name: "App", path_with_namespace: "acme/app", web_url: "x" };
    const send = (kind: string, header: string, body: object): void =>
      emulator.hooks.send("acme", { kind, header, body: { object_kind: kind, ...body } });
    send("vulnerability", "Vulnerability Hook", { object_attributes: { state: "detected", title: "SQL" } });
    const token = { event_name: "expiring_access_token", project, object_attributes: { id: 1, name: "bot" } };
    send("access_token", "Resource Access Token Hook", token);
    send("deploy_token", "Resource Deploy Token Hook", { ...token, event_name: "expiring_deploy_token" });
    expect((await names()).map((name) => name.split(" ")[0])).toEqual([
      "vulnerability",
      "access_token",
      "deploy_token",
    ]);
  });

  test("in every kind that GitLab has, work items included", async () => {
    await api("POST", `${app}/issues`, { title: "A task", issue_type: "task" });
    await emulator.hooks.settled();
    const kinds = new Set(emulator.hooks.deliveries.map(({ kind }) => kind));
    expect(webhookKinds.filter((kind) => !kinds.has(kind))).toEqual([]);
    const ours = emulator.hooks.deliveries.filter((delivery) => delivery.url === url);
    expect(ours.filter(({ status }) => status !== 200)).toEqual([]);
  });
});

test("a webhook made through the API is sent only what it asks for, with its secret token", async () => {
  const token = "a plain secret";
  const hook = await api("POST", "/projects/ada%2Fnotes/hooks", {
    url,
    token,
    push_events: false,
    issues_events: true,
  });
  expect(hook).not.toHaveProperty("token");
  await api("POST", "/projects/ada%2Fnotes/issues", { title: "Mine" });
  const delivery = await emulator.hooks.waitFor(({ hookId }) => hookId === hook["id"]);
  expect(delivery).toMatchObject({ kind: "issue", headers: { "x-gitlab-token": "[secret]" }, status: 401 });
  const secondIssue = await api("POST", "/projects/ada%2Fnotes/issues", { title: "Talk" });
  await api("POST", `/projects/ada%2Fnotes/issues/${String(secondIssue["iid"])}/notes`, { body: "hm" });
  await emulator.hooks.settled();
  const kinds = emulator.hooks.deliveries.filter(({ hookId }) => hookId === hook["id"]).map(({ kind }) => kind);
  expect(kinds).toEqual(["issue", "issue"]);
  await api("DELETE", `/projects/ada%2Fnotes/hooks/${String(hook["id"])}`);
});

test("a test sends the newest of what an event tells of, to that webhook alone, and says what came of it", async () => {
  const hooks = "/projects/ada%2Fnotes/hooks";
  const hook = await api("POST", hooks, { url, signing_token: signingToken, push_events: false });
  const before = emulator.hooks.deliveries.length;
  const trial = async (trigger: string): Promise<unknown> => {
    const headers = { "private-token": tokens["ada"] ?? "" };
    const address = `${emulator.baseUrl}/api/v4${hooks}/${String(hook["id"])}/test/${trigger}`;
    const answer = await fetch(address, { method: "POST", headers });
    return [answer.status, await answer.json()];
  };
  expect(await trial("issues_events")).toEqual([201, { message: "201 Created" }]);
  const sent = emulator.hooks.deliveries.slice(before);
  expect(sent).toMatchObject([{ hookId: hook["id"], kind: "issue", status: 200 }]);
  expect(await trial("releases_events")).toEqual([422, { message: "Ensure the project has releases." }]);
  answerWith = 500;
  expect(await trial("push_events")).toEqual([422, { message: "" }]);
  answerWith = undefined;
  await api("DELETE", `${hooks}/${String(hook["id"])}`);
});

test("what failed is sent again under the same id, and handled once", async () => {
  answerWith = 500;
  const issue = await api("POST", `${app}/issues`, { title: "Lost" });
  await emulator.hooks.settled();
  answerWith = undefined;
  const failed = emulator.hooks.deliveries.findLast((one) => one.kind === "issue" && one.url === url);
  expect(failed).toMatchObject({ status: 500, body: { object_attributes: { iid: issue["iid"] } } });
  if (failed === undefined) throw new Error("nothing was delivered");
  emulator.hooks.resend(failed);
  emulator.hooks.resend(failed);
  expect(await names()).toEqual(["issue issue.open"]);
  expect(emulator.hooks.deliveries.filter(({ id }) => id === failed.id).map(({ id, status }) => [id, status])).toEqual([
    [failed.id, 500],
    [failed.id, 200],
    [failed.id, 200],
  ]);
});

test("four failures in a row disable a webhook for a minute", async () => {
  answerWith = 503;
  for (const title of ["1", "2", "3", "4"]) await api("POST", `${app}/issues`, { title });
  await emulator.hooks.settled();
  answerWith = undefined;
  await api("POST", `${app}/issues`, { title: "unheard" });
  await emulator.hooks.settled();
  const heard = (): HookDelivery[] => emulator.hooks.deliveries.filter((delivery) => delivery.url === url);
  expect(heard().at(-1)).toMatchObject({ status: undefined, error: "the webhook is disabled" });
  emulator.clock.advance(61);
  await api("POST", `${app}/issues`, { title: "heard" });
  await emulator.hooks.settled();
  expect(heard().at(-1)?.status).toBe(200);
});

test("nothing is sent beyond this machine", async () => {
  const id = emulator.hooks.add({ of: "ada/notes", url: "https://hooks.example/x" });
  emulator.hooks.send("ada/notes", { kind: "push", header: "Push Hook", body: {} });
  const delivery = await emulator.hooks.waitFor(({ hookId }) => hookId === id);
  expect(delivery).toMatchObject({ status: undefined, error: "not an address of this machine: nothing is sent" });
});
