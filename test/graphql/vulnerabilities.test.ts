import { createGitLab, type GitLab, type GitLabAccount } from "gitlab-agent-tools";
import { createGitLabEmulator, type GitLabEmulator } from "gitlab-agent-tools/testing";
import { vulnerabilitiesList, vulnerabilityGet, vulnerabilityStateSet } from "gitlab-agent-tools/tools";
import { afterAll, beforeAll, expect, test } from "vitest";

// How a request is made and an answer shown; what the emulator knows of findings is in test/testing.

let emulator: GitLabEmulator;
let gitlab: GitLab;
let ada: GitLabAccount;
const finding = {
  id: "gid://gitlab/Vulnerability/7",
  title: "SQL injection",
  severity: "CRITICAL",
  state: "DETECTED",
  location: { file: "src/db.ts", startLine: "12" },
  primaryIdentifier: { name: "CWE-89" },
  project: { fullPath: "acme/app" },
};

beforeAll(async () => {
  emulator = await createGitLabEmulator({ plan: "ultimate" });
  gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl: emulator.baseUrl } } });
  const token = emulator.tokens.create({ username: "ada", scopes: ["api"] });
  await gitlab.connectWithToken({ identifier: "ada", token });
  ada = gitlab.as("ada");
});

afterAll(async () => {
  await gitlab.close();
  await emulator.close();
});

/** Has the next requests answered with these data, in order. */
function answer(...all: readonly Readonly<Record<string, unknown>>[]): void {
  for (const data of all) emulator.faults.add({ path: "/api/graphql", status: 200, body: { data } });
}

/** Text and variables of what was sent last. */
function lastSent(): { query: string; variables: Record<string, unknown> } {
  const body: unknown = emulator.requests.at(-1)?.body;
  return (typeof body === "string" ? JSON.parse(body) : body) as { query: string; variables: Record<string, unknown> };
}

test("findings are listed with place and identifier", async () => {
  const page = { hasNextPage: true, endCursor: "Mg" };
  answer({ project: { vulnerabilities: { pageInfo: page, nodes: [finding, null] } } });
  const { data, page: at } = await vulnerabilitiesList(
    ada,
    { project_id: "acme/app", severity: ["CRITICAL"] },
    { view: "compact" },
  );
  expect(data).toEqual([
    {
      severity: "CRITICAL",
      state: "DETECTED",
      title: "SQL injection",
      location: { file: "src/db.ts", start_line: "12" },
      primary_identifier: "CWE-89",
      project: { full_path: "acme/app" },
      id: finding.id,
    },
  ]);
  expect(at).toEqual({ hasMore: true, nextCursor: "Mg" });
  expect(lastSent().variables).toEqual({ path: "acme/app", isProject: true, severity: ["CRITICAL"] });
});

test.each([
  ["CONFIRMED", "confirms", "vulnerabilityConfirm"],
  ["DISMISSED", "dismisses", "vulnerabilityDismiss"],
  ["RESOLVED", "resolves", "vulnerabilityResolve"],
  ["DETECTED", "reverts", "vulnerabilityRevertToDetected"],
] as const)("%s asks for one of the four, by a number or a global id", async (state, chosen, field) => {
  answer({ [field]: { errors: [], vulnerability: { ...finding, state } } });
  const { data } = await vulnerabilityStateSet(ada, { vulnerability_id: 7, state, comment: "so" });
  expect(data.state).toBe(state);
  const { id, comment, ...switches } = lastSent().variables;
  expect([id, comment]).toEqual([finding.id, "so"]);
  expect(Object.entries(switches).filter(([, value]) => value)).toEqual([[chosen, true]]);
});

test("what people said of a decision is shown with what they hid in it", async () => {
  answer({
    vulnerability: { ...finding, state: "DISMISSED", stateComment: `Not${String.fromCodePoint(0x200b)} ours` },
  });
  const input = { vulnerability_id: 7 };
  const { data } = await gitlab.executeTool({
    identifier: "ada",
    toolName: "gitlab_vulnerability_get",
    toolInput: input,
    view: "compact",
  });
  expect(data).toMatchObject({ state_comment: "Not[hidden: 1 zero-width character] ours" });
});

test("what the rules refuse is told in GitLab's words", async () => {
  answer({ vulnerabilityConfirm: { errors: ["State is set already"], vulnerability: null } });
  await expect(vulnerabilityStateSet(ada, { vulnerability_id: 7, state: "CONFIRMED" })).rejects.toMatchObject({
    code: "validation_failed",
    message: "GitLab refused: State is set already.",
  });
});

test("under an allow-list, where a vulnerability lies is asked first", async () => {
  const confined = gitlab.as("ada", { policy: { projects: ["acme/app"] } });
  answer({ vulnerability: finding }, { vulnerability: finding });
  expect((await vulnerabilityGet(confined, { vulnerability_id: 7 })).data.title).toBe("SQL injection");
  answer({ vulnerability: null });
  await expect(
    vulnerabilityStateSet(confined, { vulnerability_id: finding.id, state: "DISMISSED" }),
  ).rejects.toMatchObject({ code: "forbidden" });
  expect(lastSent().query).toMatch(/^query LookupVulnerability/);
});

test("a vulnerability that there is not is not found, and its plan is named", async () => {
  answer({ vulnerability: null });
  await expect(vulnerabilityGet(ada, { vulnerability_id: 8 })).rejects.toMatchObject({
    code: "not_found",
    message: expect.stringContaining("ultimate") as string,
    hint: expect.stringContaining("gitlab_vulnerabilities_list") as string,
  });
});

test("a Community build has none of it", async () => {
  const community = await createGitLabEmulator({ instance: "self-managed", plan: "free" });
  const client = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl: community.baseUrl } } });
  await client.connectWithToken({
    identifier: "ada",
    token: community.tokens.create({ username: "ada", scopes: ["api"] }),
  });
  await expect(vulnerabilityGet(client.as("ada"), { vulnerability_id: 7 })).rejects.toMatchObject({
    code: "not_available",
    message: expect.stringContaining("needs an Enterprise build") as string,
  });
  expect(community.requests.filter(({ path }) => path === "/api/graphql")).toEqual([]);
  await client.close();
  await community.close();
});
