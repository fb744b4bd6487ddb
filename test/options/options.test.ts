import { createGitLab, GitLabToolError, type ErrorEvent, type GitLab } from "gitlab-agent-tools";
import { exportDefinitions, selectTools } from "gitlab-agent-tools/definitions";
import { createMcpHandler } from "gitlab-agent-tools/mcp";
import { getTools } from "gitlab-agent-tools/openai";
import { issueGet, issuesList } from "gitlab-agent-tools/tools";
import { describe, expect, onTestFinished, test } from "vitest";
import { from, maybe, strict, text } from "../../src/options/words.js";
import { connect, json, serve } from "../support/server.js";

/** What the compiler would refuse, as JavaScript passes it. */
const untyped = <Type>(value: unknown): Type => value as Type;

async function refusalOf(act: () => unknown): Promise<GitLabToolError> {
  const error: unknown = await Promise.resolve()
    .then(act)
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  if (!(error instanceof GitLabToolError)) throw new Error(`expected a refusal, got ${String(error)}`);
  return error;
}

function client(options: unknown = { store: "memory:" }): GitLab {
  const gitlab = createGitLab(untyped(options));
  onTestFinished(() => gitlab.close());
  return gitlab;
}

const inMemory = (options: object) => () => client({ store: "memory:", ...options });
const key = { identifier: "p" };
const call = (options: object) => () =>
  client().executeTool(untyped({ ...key, toolName: "gitlab_issues_list", toolInput: { project_id: 1 }, ...options }));

type Case = readonly [what: string, act: () => unknown, field: string, nearest?: string];

const misspelled: readonly Case[] = [
  ["a client's policy", inMemory({ policy: { acces: "read" } }), "policy.acces", "access"],
  ["quick actions", inMemory({ policy: { quickActions: "deny" } }), "policy.quickActions"],
  ["untrusted", inMemory({ policy: { untrusted: "wrapp" } }), "policy.untrusted", "wrap"],
  ["access", inMemory({ policy: { access: "readonly" } }), "policy.access", "read"],
  ["projects", inMemory({ policy: { projects: "acme/app" } }), "policy.projects"],
  ["a tool that is taken away", inMemory({ policy: { tools: ["*", "!gitlab_isue_delete"] } }), "policy.tools.1"],
  ["downloads", inMemory({ policy: { downloads: true } }), "policy.downloads"],
  ["a policy that is none", inMemory({ policy: "read" }), "policy"],
  ["connections", inMemory({ conections: {} }), "conections", "connections"],
  ["approval", inMemory({ onBeforewrite: () => false }), "onBeforewrite", "onBeforeWrite"],
  ["approval that is no function", inMemory({ onBeforeWrite: false }), "onBeforeWrite"],
  ["limits", inMemory({ limits: { perAcount: 1 } }), "limits.perAcount", "perAccount"],
  ["a limit of nothing", inMemory({ limits: { attempts: 0 } }), "limits.attempts"],
  ["look-ups", inMemory({ lookups: { wrongId: false } }), "lookups.wrongId", "wrongIid"],
  ["look-ups of another kind", inMemory({ lookups: "no" }), "lookups"],
  ["a client's timeout", inMemory({ timeoutMs: Number.NaN }), "timeoutMs"],
  ["a store of nothing", () => client({ store: 7 }), "store"],
  ["no options at all", () => client(null), "options"],
  ["an account's policy", () => client().as("p", untyped({ policy: { accesss: "read" } })), "policy.accesss", "access"],
  ["an account's options", () => client().as("p", untyped({ polcy: {} })), "polcy", "policy"],
  ["a call's policy", call({ policy: { acces: "read" } }), "policy.acces", "access"],
  ["a call's dry run", call({ dryrun: true }), "dryrun", "dryRun"],
  ["a call's view", call({ view: "short" }), "view"],
  ["a call's fields", call({ fields: [1] }), "fields.0"],
  ["a call's fields in one", call({ fields: "title" }), "fields"],
  ["a call's signal", call({ signal: {} }), "signal"],
  ...[Number.NaN, "abc", 0, -1, 2 ** 31].map((timeoutMs): Case => [
    `a call's time of ${String(timeoutMs)}`,
    call({ timeoutMs }),
    "timeoutMs",
  ]),
  ["a selection", () => selectTools(untyped({ acces: "read" })), "acces", "access"],
  ["a selection's globs", () => selectTools(untyped({ tools: "gitlab_*" })), "tools"],
  ["a session's selection", () => client().createSession(untyped({ ...key, select: { acces: "read" } })), "acces"],
  [
    "a session's policy",
    () => client().createSession(untyped({ ...key, policy: { acces: "read" } })),
    "policy.acces",
    "access",
  ],
  ["a session's options", () => client().createSession(untyped({ ...key, polciy: {} })), "polciy", "policy"],
  ["an agent's policy", () => getTools(untyped({ gitlab: client(), ...key, polcy: {} })), "polcy", "policy"],
  [
    "an agent's access",
    () => getTools(untyped({ gitlab: client(), ...key, policy: { access: "readonly" } })),
    "policy.access",
    "read",
  ],
  [
    "an agent's links",
    () => getTools(untyped({ gitlab: client(), ...key, authorization: { scope: ["api"] } })),
    "authorization.scope",
    "scopes",
  ],
  ...["access", "tools", "projects", "quickActions", "downloads"].map((part): Case => [
    `a policy's ${part} that is undefined`,
    () => createGitLab({ store: "memory:", policy: { [part]: undefined } }),
    `policy.${part}`,
  ]),
  ["a call's policy, a part of it undefined", call({ policy: { groups: undefined } }), "policy.groups"],
  ["an approval that is undefined", inMemory({ onBeforeWrite: undefined }), "onBeforeWrite"],
  [
    "a session's selection, a part of it undefined",
    () => client().createSession({ ...key, select: untyped({ tools: undefined }) }),
    "tools",
  ],
  [
    "an MCP server's selection that is undefined",
    () => createMcpHandler(untyped({ gitlab: client(), select: undefined })),
    "select",
  ],
  ["an agent of nobody", () => getTools(untyped({ gitlab: client() })), "identifier"],
  ["an agent without a client", () => getTools(untyped(key)), "gitlab"],
  ["an MCP server's selection", () => createMcpHandler(untyped({ gitlab: client(), slect: {} })), "slect", "select"],
];

describe("an option that does not fit is refused, by name, before anything is sent", () => {
  const cases = misspelled.map(([what, act, field, nearest]) => ({ what, act, field, nearest }));
  test.each(cases)("$what", async ({ act, field, nearest }) => {
    const { code, message, hint, details } = await refusalOf(act);
    expect(code).toBe("invalid_input");
    expect(message).toContain(field);
    expect(hint).toContain(field);
    expect(details).toMatchObject({ fields: [{ field, ...(nearest && { nearest }) }] });
    if (nearest) expect(message).toContain(`did you mean ${nearest}?`);
  });

  test("all of them at once", async () => {
    const { details } = await refusalOf(inMemory({ policy: { acces: "read", untrusted: 1 }, timeoutMs: "1s" }));
    const fields = details?.["fields"] as { field: string }[];
    expect(fields.map(({ field }) => field).toSorted()).toEqual(["policy.acces", "policy.untrusted", "timeoutMs"]);
  });

  test("a preset that does not exist, when the session is minted", async () => {
    const error = await refusalOf(() => client().createSession(untyped({ ...key, select: { preset: "nope" } })));
    expect(error).toMatchObject({ code: "invalid_input" });
    expect(error.message).toContain('no preset "nope"');
  });

  test("a connection's, as connection_misconfigured, and without its secret", async () => {
    const config = { clientID: "x", scopes: "api", clientSecret: ["s3cret"] };
    const shown = await refusalOf(inMemory({ connections: { acme: config } }));
    const atRunTime = await refusalOf(() => client().connections.set("acme", untyped(config)));
    for (const error of [shown, atRunTime]) {
      expect(error.code).toBe("connection_misconfigured");
      expect(error.message).toContain("clientID: is not an option; did you mean clientId?");
      expect(error.details).toMatchObject({ connectionName: "acme" });
      expect((error.details?.["fields"] as unknown[]).length).toBe(3);
      expect(JSON.stringify(error)).not.toContain("s3cret");
    }
    const nothing = await refusalOf(() => client().connections.set("q", untyped(undefined)));
    expect(nothing).toMatchObject({ code: "connection_misconfigured", details: { connectionName: "q" } });
  });
});

test("every documented option is taken", async () => {
  const nothing = (): undefined => undefined;
  const gitlab = client({
    store: "memory:",
    connections: { gitlab: { clientId: undefined, scopes: ["api"], instance: "gitlab.com" } },
    encryptionKey: undefined,
    ...{ refreshSkewSeconds: 0, accountCacheSeconds: 0, tokenRequestTimeoutMs: 1000, allowedReturnOrigins: [] },
    ...{ now: Date.now, sleep: nothing, fetch, checkBaseUrl: nothing, onAccountStatusChange: nothing },
    ...{ onAccountEvent: nothing, publicUrl: "https://app.example" },
    ...{ onRequest: nothing, onResponse: nothing, onRetry: nothing, onError: nothing, onBeforeWrite: nothing },
    ...{ timeoutMs: 1, maxResponseBytes: Infinity, telemetry: false, wrongIidLookup: true, lookups: false },
    limits: { perAccount: Infinity, perInstance: 1, attempts: 1, longestWaitMs: 0, slowDownBelow: 0 },
    policy: {
      access: "write",
      areas: [],
      tools: ["!*_delete"],
      projects: [1, "a/b"],
      groups: [],
      quickActions: "escape",
      untrusted: "wrap",
      downloads: false,
    },
  });
  expect(gitlab.as("p", { connectionName: "gitlab", policy: { downloads: "/tmp" } }).identifier).toBe("p");
  const select = { preset: ["ci"], access: "read", tier: "free", scopes: ["api"], areas: ["jobs"] } as const;
  expect(await gitlab.createSession({ ...key, select, policy: {}, expiresIn: 60 })).toHaveProperty("token");
});

test("without options, the store of the default wants a key, once it is used", async () => {
  const gitlab = createGitLab();
  const error = await refusalOf(() => gitlab.actions.listConnectedAccounts());
  expect(error).toMatchObject({ code: "connection_misconfigured" });
  expect(error.hint).toContain("encryptionKey");
});

describe("nothing but our own error gets out", () => {
  const gitlab = (): GitLab => client();
  test.each<readonly [string, () => unknown, string, string]>([
    [
      "a tool's name that is no string",
      () => gitlab().executeTool(untyped({ ...key, toolName: 5 })),
      "unknown_tool",
      "List",
    ],
    ["no tool's name", () => gitlab().executeTool(untyped(key)), "unknown_tool", "List"],
    ["no call", () => gitlab().executeTool(untyped(undefined)), "invalid_input", "id of the person"],
    [
      "a tool without an account",
      () => issueGet(untyped(undefined), { project_id: 1, issue_iid: 1 }),
      "invalid_input",
      "gitlab.as(",
    ],
    ["a tool on a name", () => issuesList(untyped("p"), { project_id: 1 }), "invalid_input", "gitlab.as("],
    [
      "pages without an account",
      () => issuesList.pages(untyped(undefined), { project_id: 1 }).next(),
      "invalid_input",
      "gitlab.as(",
    ],
    [
      "pages of a dry run",
      () => issuesList.pages(gitlab().as("p"), { project_id: 1 }, { dryRun: true }).next(),
      "invalid_input",
      "dryRun",
    ],
    [
      "pages with null",
      () => issuesList.pages(gitlab().as("p"), { project_id: 1 }, untyped(null)).next(),
      "invalid_input",
      "options",
    ],
    [
      "a call with null",
      () => issuesList(gitlab().as("p"), { project_id: 1 }, untyped(null)),
      "invalid_input",
      "options",
    ],
    ["an unknown format", () => exportDefinitions([], untyped("opnai")), "invalid_input", "openai"],
    ["no format", () => exportDefinitions([], untyped(undefined)), "invalid_input", "openai"],
  ])("%s", async (_, act, code, hint) => {
    const error = await refusalOf(act);
    expect(error.code).toBe(code);
    expect(error.hint).toContain(hint);
  });
});

test("hooks hear of calls that are refused for their options, and nothing is sent", async () => {
  const server = await serve((_, response) => json(response, []));
  const heard: ErrorEvent[] = [];
  const { account } = await connect(server, { onError: (event) => heard.push(event) });
  const error = await refusalOf(() => issuesList(account, { project_id: 1 }, untyped({ dryrun: true })));
  expect(error).toMatchObject({ code: "invalid_input", toolName: "gitlab_issues_list" });
  expect(heard).toMatchObject([{ error, toolName: "gitlab_issues_list", identifier: "user_1" }]);
  expect(server.arrived).toEqual([]);
});

test("a table has the names of its options' type, each with a check of its type: anything else does not compile", () => {
  interface Options {
    readonly retries?: number;
    readonly name: string;
  }
  const table = strict<Options>({ retries: maybe(from(0)), name: text });
  // @ts-expect-error -- retries is missing
  strict<Options>({ name: text });
  // @ts-expect-error -- there is no option of that name
  strict<Options>({ retries: maybe(from(0)), name: text, attempts: maybe(from(0)) });
  // @ts-expect-error -- retries is no text
  strict<Options>({ retries: maybe(text), name: text });
  expect(table.problems({ retries: 1, name: "a" }, "")).toEqual([]);
  expect(table.problems({ attempts: 1, name: "a" }, "")).toHaveLength(1);
});
