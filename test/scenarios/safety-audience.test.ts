import { createGitLab, type GitLabAccount, type GitLabOptions, type PendingWrite } from "gitlab-agent-tools";
import {
  branchCreate,
  globalSearch,
  groupGet,
  issueCreate,
  issueGet,
  issueMove,
  issueNoteCreate,
  issuesList,
  projectGet,
  projectsList,
  projectUpdate,
  snippetCreate,
  todosList,
  workItemGet,
  workItemNoteCreate,
} from "gitlab-agent-tools/tools";
import { createToolbox } from "gitlab-agent-tools/toolbox";
import { describe, expect, test } from "vitest";
import { newStore } from "../support/emulated.js";
import { refusal, stage } from "../support/people.js";

// Text that few can read is not written where many can.

const secret = { project_id: "ada/notes" };
const inside = { project_id: "acme/platform/api" };
const open = { project_id: "acme/website" };
const guard = { visibility: "guard" } as const;

/** A client under the guard, and ada once without it, who wrote something secret. */
async function guarded(options: Partial<GitLabOptions> = {}) {
  const { as, gitlab, emulator, requests } = await stage({}, { policy: guard, ...options });
  const { identifier } = await as("ada");
  const unguarded = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl: emulator.baseUrl } } });
  const token = emulator.tokens.create({ username: "ada", scopes: ["api"] });
  await unguarded.connectWithToken({ identifier, token });
  const plain = unguarded.as(identifier);
  const { iid: issue_iid } = (await issueCreate(plain, { ...secret, title: "Launch", description: "On Friday." })).data;
  const { iid } = (await issueCreate(plain, { ...open, title: "Typo" })).data;
  await unguarded.close();
  requests();
  const said = { ...open, issue_iid: iid, body: "See you on Friday." };
  return { ada: gitlab.as(identifier), gitlab, emulator, requests, said, hidden: { ...secret, issue_iid }, plain };
}

type Issue = { readonly project_id: string; readonly issue_iid: number };
type Way = readonly [what: string, go: (ada: GitLabAccount, hidden: Issue, openId: number) => Promise<unknown>];

const refused = { code: "forbidden", details: { policy: "visibility", to: "public" } };
const writes = (requests: readonly string[]) => requests.filter((request) => !request.startsWith("GET"));

describe("what was read in a private project", () => {
  test("is not written to a public one; in its own, and to as few, it is", async () => {
    const { ada, hidden, said, requests } = await guarded();
    expect((await issueNoteCreate(ada, said)).status).toBe(201);
    await issueGet(ada, hidden);
    requests();
    const error = await refusal(issueNoteCreate(ada, said));
    expect(error).toMatchObject(refused);
    expect(error.message).toMatch(/project \d+.*everybody can read/);
    expect(error.message).not.toContain("notes");
    expect(writes(requests())).toEqual([]);
    expect((await issueNoteCreate(ada, { ...hidden, body: "Really?" })).status).toBe(201);
    expect(await refusal(issueCreate(ada, { ...inside, title: "Friday" }))).toMatchObject({
      details: { to: "internal" },
    });
  });

  test.each<Way>([
    ["by moving it", (ada, hidden, openId) => issueMove(ada, { ...hidden, to_project_id: openId })],
    ["by a branch's name", (ada) => branchCreate(ada, { ...open, branch: "launch-on-friday", ref: "main" })],
    [
      "in a snippet for all",
      (ada) => snippetCreate(ada, { title: "x", visibility: "public", files: [{ file_path: "a", content: "Friday" }] }),
    ],
    ["by opening the project", (ada) => projectUpdate(ada, { ...secret, visibility: "public" })],
    ["over GraphQL", (ada) => workItemNoteCreate(ada, { work_item: "acme/website#1", body: "Friday" })],
    [
      "by a request to any path",
      (ada) =>
        ada.request({ method: "POST", path: "/projects/acme%2Fwebsite/issues/1/notes", body: { body: "Friday" } }),
    ],
    [
      "by a request that says nothing of its place",
      (ada) => ada.request({ method: "POST", path: "/snippets", body: { title: "Friday" } }),
    ],
  ])("does not get out %s", async (_, write) => {
    const { ada, hidden, requests, emulator } = await guarded();
    await issueGet(ada, hidden);
    requests();
    const openId = emulator.state.projectByPath(open.project_id)?.id ?? 0;
    expect(await refusal(write(ada, hidden, openId))).toMatchObject(refused);
    expect(writes(requests()).filter((request) => !request.includes("graphql"))).toEqual([]);
  });

  test("does not get out by a quick action that moves it", async () => {
    const { ada, hidden } = await guarded();
    const error = await refusal(issueNoteCreate(ada, { ...hidden, body: "/move acme/website" }));
    expect(error.code).toBe("invalid_input");
  });

  test.each<Way>([
    ["a list across projects", (ada) => todosList(ada, {})],
    ["a search everywhere", (ada) => globalSearch(ada, { scope: "issues", search: "Launch" })],
    ["a list of projects", (ada) => projectsList(ada, { membership: true })],
    ["GraphQL", (ada, { project_id, issue_iid }) => workItemGet(ada, { project_id, work_item: `#${issue_iid}` })],
    ["a request to any path", (ada) => ada.request({ method: "GET", path: "/projects/ada%2Fnotes/issues" })],
    ["the project itself", (ada) => projectGet(ada, secret)],
  ])("is noticed in %s", async (_, read) => {
    const { ada, hidden, said } = await guarded();
    await read(ada, hidden, 0);
    expect(await refusal(issueNoteCreate(ada, said))).toMatchObject(refused);
  });

  test("what everybody can read passes, however it is read", async () => {
    const { ada, said } = await guarded();
    await issuesList(ada, open);
    await projectGet(ada, open);
    await globalSearch(ada, { scope: "issues", search: "Typo" });
    await ada.request({ method: "GET", path: "/projects/acme%2Fwebsite/issues" });
    expect((await issueNoteCreate(ada, said)).status).toBe(201);
  });

  test("a confidential issue is not for all, wherever it lies", async () => {
    const { ada, said, gitlab } = await guarded();
    const { iid: issue_iid } = (await issueCreate(ada, { ...open, title: "Hole", confidential: true })).data;
    const other = gitlab.as(ada.identifier, { policy: guard });
    await issueGet(other, { ...open, issue_iid });
    expect(await refusal(issueNoteCreate(ada, said))).toMatchObject(refused);
  });
});

test("where GitLab does not say who can read a project, it counts as private when read and as public when written", async () => {
  const { ada, said, hidden, emulator } = await guarded();
  emulator.on("GET", "/projects/:id", ({ pathParameters }) => ({
    body: { id: pathParameters["id"] === "ada/notes" ? 1 : 2, path_with_namespace: pathParameters["id"] ?? "" },
  }));
  await issueGet(ada, { ...open, issue_iid: said.issue_iid });
  expect(await refusal(issueNoteCreate(ada, { ...hidden, body: "Really?" }))).toMatchObject(refused);
});

test("a person's yes lets it pass, and nothing less", async () => {
  const asked: PendingWrite[] = [];
  const person: { answer?: boolean } = {};
  const { ada, hidden, said } = await guarded({
    onBeforeWrite: (write) => {
      asked.push(write);
      return person.answer;
    },
  });
  expect((await issueNoteCreate(ada, said)).status).toBe(201);
  await issueGet(ada, hidden);
  expect(await refusal(issueNoteCreate(ada, said))).toMatchObject(refused);
  person.answer = true;
  expect((await issueNoteCreate(ada, said)).status).toBe(201);
  expect(asked.map(({ reveals }) => reveals?.to)).toEqual([undefined, "public", "public"]);
});

test("a conversation is remembered in every replica, apart from others, for a week; calls without one are the account's", async () => {
  const kept = await newStore();
  let at = Date.now();
  const { ada, hidden, said, emulator, gitlab } = await guarded({ ...kept, now: () => at });
  const { identifier } = ada;
  const toolbox = (client: typeof gitlab, conversation?: string) =>
    createToolbox({ gitlab: client, identifier, ...(conversation && { conversation }) });
  await toolbox(gitlab, "chat 1").run("gitlab_issue_get", hidden);
  const connections = { gitlab: { baseUrl: emulator.baseUrl } };
  const replica = createGitLab({ ...kept, connections, policy: guard, now: () => at });
  const say = async (client: typeof gitlab, conversation?: string) =>
    (await toolbox(client, conversation).run("gitlab_issue_note_create", said)).isError;
  expect(await say(replica, "chat 1")).toBe(true);
  expect(await say(gitlab, "chat 1")).toBe(true);
  expect(await say(replica, "chat 2")).toBe(false);
  expect(await say(replica)).toBe(false);
  expect((await issueNoteCreate(replica.as(identifier), said)).status).toBe(201);
  await issueGet(ada, hidden);
  expect(await refusal(issueNoteCreate(replica.as(identifier), said))).toMatchObject(refused);
  at += 8 * 86_400_000;
  expect(await say(replica, "chat 1")).toBe(false);
  await replica.close();
});

test("a store without rows cannot remember, and says so", async () => {
  const { MemoryStore } = await import("../../src/stores/memory-store.js");
  const store = new MemoryStore();
  Object.defineProperty(store, "rows", { value: undefined });
  const { as, gitlab } = await stage({}, { store, encryptionKey: Buffer.alloc(32).toString("base64") });
  const { identifier } = await as("ada");
  const held = gitlab.as(identifier, { policy: guard });
  expect(await refusal(groupGet(held, { group_id: "acme" }))).toMatchObject({ code: "invalid_input" });
});
