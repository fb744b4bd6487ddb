import { GitLabToolError, type GitLabAccount, type ToolResult } from "gitlab-agent-tools";
import { createToolbox } from "gitlab-agent-tools/toolbox";
import {
  issueCreate,
  issueGet,
  issueNoteCreate,
  issueNoteGet,
  issueNoteUpdate,
  issueUpdate,
  mergeRequestGet,
  mergeRequestNoteCreate,
  mergeRequestNoteGet,
  mergeRequestNoteUpdate,
  mergeRequestsList,
  mergeRequestUpdate,
  milestoneCreate,
  milestoneGet,
  milestoneUpdate,
  projectSnippetCreate,
  projectSnippetGet,
  projectSnippetUpdate,
  snippetCreate,
  snippetGet,
  snippetUpdate,
} from "gitlab-agent-tools/tools";
import { afterAll, beforeAll, expect, test } from "vitest";
import { emulated as mine, startEmulated, type Emulated } from "../support/emulated.js";
import { connect, json, serve, type Respond } from "../support/server.js";

// GitLab's API takes no version of a text: what was seen is compared just before it is written.

let emulated: Emulated & { readonly close: () => Promise<void> };
let ada: GitLabAccount;

beforeAll(async () => {
  emulated = await startEmulated();
  ada = emulated.gitlab.as("user_ada");
});

afterAll(() => emulated.close());

const project_id = "acme/app";

interface Thing {
  readonly get: () => Promise<ToolResult<{ updated_at?: string | null }>>;
  readonly write: (text: string, expected_updated_at?: string) => Promise<unknown>;
}

/** A thing of each kind whose text can be written. */
const kinds: Readonly<Record<string, () => Promise<Thing>>> = {
  issue: async () => {
    const { iid: issue_iid } = (await issueCreate(ada, { project_id, title: "Slow" })).data;
    const place = { project_id, issue_iid };
    return {
      get: () => issueGet(ada, place),
      write: (description, expected_updated_at) => issueUpdate(ada, { ...place, description, expected_updated_at }),
    };
  },
  "issue note": async () => {
    const { iid: issue_iid } = (await issueCreate(ada, { project_id, title: "Slow" })).data;
    const note_id = idOf(await issueNoteCreate(ada, { project_id, issue_iid, body: "Why?" }));
    const place = { project_id, issue_iid, note_id };
    return {
      get: () => issueNoteGet(ada, place),
      write: (body, expected_updated_at) => issueNoteUpdate(ada, { ...place, body, expected_updated_at }),
    };
  },
  "merge request": async () => {
    const place = { project_id, merge_request_iid: await openRequest() };
    return {
      get: () => mergeRequestGet(ada, place),
      write: (description, expected_updated_at) =>
        mergeRequestUpdate(ada, { ...place, description, expected_updated_at }),
    };
  },
  "merge request note": async () => {
    const request = { project_id, merge_request_iid: await openRequest() };
    const note_id = idOf(await mergeRequestNoteCreate(ada, { ...request, body: "Why?" }));
    const place = { ...request, note_id };
    return {
      get: () => mergeRequestNoteGet(ada, place),
      write: (body, expected_updated_at) => mergeRequestNoteUpdate(ada, { ...place, body, expected_updated_at }),
    };
  },
  milestone: async () => {
    const { id: milestone_id } = (await milestoneCreate(ada, { project_id, title: "Next" })).data;
    const place = { project_id, milestone_id };
    return {
      get: () => milestoneGet(ada, place),
      write: (description, expected_updated_at) => milestoneUpdate(ada, { ...place, description, expected_updated_at }),
    };
  },
  "project snippet": async () => {
    const file = { title: "Run", file_name: "a.sh", content: "ls", visibility: "private" } as const;
    const { id: snippet_id } = (await projectSnippetCreate(ada, { project_id, ...file })).data;
    const place = { project_id, snippet_id };
    return {
      get: () => projectSnippetGet(ada, place),
      write: (description, expected_updated_at) =>
        projectSnippetUpdate(ada, { ...place, description, expected_updated_at }),
    };
  },
  snippet: async () => {
    const file = { title: "Run", file_name: "a.sh", content: "ls", visibility: "private" } as const;
    const snippet_id = idOf(await snippetCreate(ada, file));
    return {
      get: () => snippetGet(ada, { snippet_id }),
      write: (description, expected_updated_at) => snippetUpdate(ada, { snippet_id, description, expected_updated_at }),
    };
  },
};

function idOf({ data }: ToolResult<object>): number {
  if ("id" in data && typeof data.id === "number") return data.id;
  throw new Error("has no id");
}

async function openRequest(): Promise<number> {
  const [request] = (await mergeRequestsList(ada, { project_id, state: "opened" })).data;
  return request?.iid ?? 0;
}

async function refused(call: Promise<unknown>): Promise<GitLabToolError> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof GitLabToolError) return error;
  throw new Error("The call was not refused");
}

/** The bodies of what was written. */
const written = ({ requests }: Emulated["emulator"], from: number): unknown[] =>
  requests.slice(from).flatMap(({ method, body }) => (method === "PUT" ? [body] : []));

test.each(Object.entries(kinds))("what has changed since is not overwritten: %s", async (_, make) => {
  const { emulator } = emulated;
  const thing = await make();
  const seen = (await thing.get()).data.updated_at ?? "";
  emulator.clock.advance(60);
  await thing.write("somebody else's");
  const before = (await thing.get()).data;

  const from = emulator.requests.length;
  const error = await refused(thing.write("mine", seen));
  expect(error).toMatchObject({
    code: "conflict",
    retryable: false,
    details: { reason: "stale", expected_updated_at: seen, updated_at: before.updated_at },
  });
  expect(error.message).toContain(before.updated_at);
  expect(error.details?.["differs"]).toHaveLength(1);
  expect(error.hint).toMatch(/^Call gitlab_\w+_get, .* as expected_updated_at\.$/);
  expect(written(emulator, from)).toEqual([]);
  expect((await thing.get()).data).toEqual(before);

  // With what is there now it is written, and what was expected stays here.
  await thing.write("mine", before.updated_at ?? "");
  expect(written(emulator, from)).toMatchObject([{}]);
  expect(JSON.stringify(written(emulator, from))).not.toContain("expected");
});

test("the same moment in another zone is the same; a witness that never was is refused", async () => {
  const { iid: issue_iid, updated_at } = (await issueCreate(ada, { project_id, title: "Zones" })).data;
  const moment = Date.parse(updated_at ?? "");
  const inZone = new Date(moment + 2 * 3_600_000).toISOString().replace("Z", "+02:00");
  const place = { project_id, issue_iid };
  for (const expected_updated_at of ["2001-01-01", "2999-01-01T00:00:00Z"])
    expect(await refused(issueUpdate(ada, { ...place, title: "No", expected_updated_at }))).toMatchObject({
      code: "conflict",
    });
  const bare = { ...place, title: "Yes", expected_updated_at: "yesterday" };
  expect(await refused(issueUpdate(ada, bare))).toMatchObject({ code: "invalid_input" });
  expect((await issueUpdate(ada, { ...place, title: "Yes", expected_updated_at: inZone })).data.title).toBe("Yes");
});

test("the refusal names the fields that differ, and says where nothing is left to do", async () => {
  const { data: milestone } = await milestoneCreate(ada, { project_id, title: "Far" });
  const created = { project_id, title: "Fields", description: "a\r\nb", labels: ["bug"], milestone_id: milestone.id };
  const { iid: issue_iid } = (await issueCreate(ada, created)).data;
  const stale = { project_id, issue_iid, expected_updated_at: "2001-01-01T00:00:00Z" };
  const differs = async (input: object) =>
    (await refused(issueUpdate(ada, { ...stale, ...input }))).details?.["differs"];
  expect(await differs({ title: "Other", description: "a\nb", add_labels: ["bug", "p1"], milestone_id: 0 })).toEqual([
    "title",
    "add_labels",
    "milestone_id",
  ]);
  expect(await differs({ state_event: "close", remove_labels: ["bug"], labels: ["p1"] })).toEqual([
    "state_event",
    "remove_labels",
    "labels",
  ]);
  const there = { title: "Fields", state_event: "reopen", labels: "bug", milestone_id: milestone.id } as const;
  const error = await refused(issueUpdate(ada, { ...stale, ...there }));
  expect(error.message).toMatch(/All that was to be written is there already\.$/);
  expect(error.hint).toBe("Nothing is left to do.");
  // Values stay out of errors, which no policy looks at.
  expect(JSON.stringify(error)).not.toContain("Fields");
});

test("what changes while a person thinks about it is not overwritten", async () => {
  const staged = await mine({
    onBeforeWrite: async ({ toolName, request }) => {
      if (toolName !== "gitlab_issue_update" || !JSON.stringify(request.body).includes("mine")) return true;
      staged.emulator.clock.advance(60);
      await issueUpdate(me, { project_id, issue_iid: 1, title: "somebody else's" });
      return true;
    },
  });
  const me = staged.gitlab.as("user_ada");
  const { updated_at: expected_updated_at } = (await issueGet(me, { project_id, issue_iid: 1 })).data;
  const call = issueUpdate(me, { project_id, issue_iid: 1, title: "mine", expected_updated_at });
  expect(await refused(call)).toMatchObject({ code: "conflict", details: { differs: ["title"] } });
  expect((await issueGet(me, { project_id, issue_iid: 1 })).data.title).toBe("somebody else's");
});

test("an answer that gets lost is not followed by a second write, which could overwrite what came in between", async () => {
  const updated_at = "2026-01-02T03:04:05.678Z";
  const cut: Respond = ({ method }, response) =>
    method === "GET" ? json(response, { iid: 1, updated_at }) : response.destroy();
  const server = await serve(cut);
  const { account } = await connect(server);
  const input = { project_id: 1, issue_iid: 1, title: "mine", expected_updated_at: updated_at };
  expect(await refused(issueUpdate(account, input))).toMatchObject({ code: "network_error" });
  expect(server.arrived.map(({ method }) => method)).toEqual(["GET", "PUT"]);
});

test("nothing is written where GitLab does not say when; a dry run and a call without it ask nothing", async () => {
  const server = await serve((_, response) => json(response, { iid: 1, updated_at: null, assignees: [] }));
  const { account } = await connect(server);
  const input = { project_id: 1, issue_iid: 1, title: "mine" };
  const expected_updated_at = "2026-01-02T03:04:05.678Z";
  const { data } = await issueUpdate(account, { ...input, expected_updated_at }, { dryRun: true });
  expect(data.body).toEqual({ title: "mine" });
  expect(server.arrived).toEqual([]);
  const error = await refused(issueUpdate(account, { ...input, expected_updated_at }));
  expect(error).toMatchObject({ code: "gitlab_unavailable", retryable: true });
  await issueUpdate(account, input);
  expect(server.arrived.map(({ method }) => method)).toEqual(["GET", "PUT"]);
});

test("agents may give it to core tools too, whose definitions leave it out", async () => {
  const select = { tools: ["gitlab_issue_update", "gitlab_project_snippet_update"], access: "write" } as const;
  const toolbox = createToolbox({ gitlab: emulated.gitlab, identifier: "user_ada", select });
  const shown = toolbox.definitions.map(({ name, inputSchema }) => [
    name,
    JSON.stringify(inputSchema).includes("expected_updated_at"),
  ]);
  expect(Object.fromEntries(shown)).toEqual({ gitlab_issue_update: false, gitlab_project_snippet_update: true });
  const input = { project_id, issue_iid: 1, title: "mine", expected_updated_at: "2001-01-01T00:00:00Z" };
  const { isError, text } = await toolbox.run("gitlab_issue_update", input);
  expect(isError).toBe(true);
  expect(text).toContain("Nothing was written.");
});
