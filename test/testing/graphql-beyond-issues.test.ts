import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createGitLabEmulator, type GitLabEmulator } from "gitlab-agent-tools/testing";

const folder = new URL("../../spec/graphql/", import.meta.url);
const text = (name: string): string => readFileSync(new URL(`${name}.graphql`, folder), "utf8");

/** What a group decides about its fields, and what a scanner has found, as a seed says it. */
const seed = {
  users: [{ username: "ada" }, { username: "ben" }, { username: "guest" }],
  groups: [
    {
      path: "shop",
      members: { ada: 40, ben: 30, guest: 10 },
      resources: {
        custom_fields: [
          { values: { name: "Team", field_type: "SINGLE_SELECT", options: ["Web", "Data"] } },
          { values: { name: "Effort", field_type: "NUMBER", types: ["issue"] } },
        ],
      },
    },
  ],
  projects: [
    {
      path: "shop/web",
      issues: [{ title: "Basket is empty", author: "ada", custom_fields: { Team: ["Data"] } }],
      resources: {
        vulnerabilities: [
          {
            values: {
              title: "SQL injection",
              severity: "critical",
              report_type: "sast",
              location: { file: "src/db.ts", start_line: 12, end_line: 14 },
              identifiers: [{ name: "CWE-89", external_type: "cwe", url: "https://cwe.mitre.org/89" }],
              scanner: { name: "Semgrep", vendor: "GitLab" },
              issues: [1],
            },
          },
          { values: { title: "Old library", severity: "low", report_type: "dependency_scanning", state: "dismissed" } },
        ],
      },
    },
  ],
};

let emulator: GitLabEmulator;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  emulator = await createGitLabEmulator({ plan: "ultimate", seed });
  for (const username of ["ada", "ben", "guest"]) {
    tokens[username] = emulator.tokens.create({ username, scopes: ["api"] });
  }
});
afterAll(() => emulator.close());

type Answer = { readonly data: Record<string, unknown>; readonly errors?: readonly { readonly message: string }[] };

async function ask(query: string, variables: object, as = "ada"): Promise<Answer> {
  const response = await fetch(`${emulator.baseUrl}/api/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${tokens[as] ?? ""}` },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Answer;
}

const fieldsOf = async (iid: string): Promise<unknown> => {
  const { data } = await ask(
    `query($iid: String!) { namespace(fullPath: "shop/web") { workItem(iid: $iid) { id widgets(onlyTypes: [CUSTOM_FIELDS, AWARD_EMOJI]) {
      ... on WorkItemWidgetAwardEmoji { upvotes downvotes }
      ... on WorkItemWidgetCustomFields { customFieldValues { customField { id name fieldType selectOptions { id value } }
        ... on WorkItemSelectFieldValue { selectedOptions { value } }
        ... on WorkItemNumberFieldValue { value } } } } } } }`,
    { iid },
  );
  return (data["namespace"] as { workItem: unknown }).workItem;
};
const item = (): string => `gid://gitlab/WorkItem/${String(emulator.state.planning.issues[0]?.id)}`;
const field = (name: string): number =>
  emulator.state.resources.of("custom_fields").find(({ values }) => values["name"] === name)?.id ?? 0;
const update = (input: object, as = "ada"): Promise<Answer> =>
  ask(
    `mutation($input: WorkItemUpdateInput!) { workItemUpdate(input: $input) { errors workItem { id } } }`,
    { input: { id: item(), ...input } },
    as,
  );

test("custom fields are read with their options, set by the ids of field and option, cleared, and filtered by", async () => {
  expect(await fieldsOf("1")).toMatchObject({
    widgets: [
      { upvotes: 0 },
      {
        customFieldValues: [
          {
            customField: {
              name: "Team",
              fieldType: "SINGLE_SELECT",
              selectOptions: [{ value: "Web" }, { value: "Data" }],
            },
            selectedOptions: [{ value: "Data" }],
          },
          { customField: { name: "Effort", selectOptions: null }, value: null },
        ],
      },
    ],
  });
  const [team, effort] = [field("Team"), field("Effort")].map(
    (id) => `gid://gitlab/Issuables::CustomField/${String(id)}`,
  );
  const web = `gid://gitlab/Issuables::CustomFieldSelectOption/${String(field("Team") * 100)}`;
  const set = await update({
    customFieldsWidget: [
      { customFieldId: team, selectedOptionIds: [web] },
      { customFieldId: effort, numberValue: 2.5 },
    ],
  });
  expect(set).toMatchObject({ data: { workItemUpdate: { errors: [] } } });
  expect(await fieldsOf("1")).toMatchObject({
    widgets: [{}, { customFieldValues: [{ selectedOptions: [{ value: "Web" }] }, { value: 2.5 }] }],
  });
  const listed = async (value: string): Promise<unknown> =>
    (
      await ask(
        `query($f: [WorkItemWidgetCustomFieldFilterInputType!]) { namespace(fullPath: "shop/web") { workItems(customField: $f) { nodes { iid } } } }`,
        { f: [{ customFieldName: "Team", selectedOptionValues: [value] }] },
      )
    ).data;
  expect(await listed("Web")).toEqual({ namespace: { workItems: { nodes: [{ iid: "1" }] } } });
  expect(await listed("Data")).toEqual({ namespace: { workItems: { nodes: [] } } });
  expect(
    (await update({ customFieldsWidget: [{ customFieldId: team, selectedOptionIds: [] }] })).errors,
  ).toBeUndefined();
  expect(await fieldsOf("1")).toMatchObject({ widgets: [{}, { customFieldValues: [{ selectedOptions: null }, {}] }] });
  const unknown = { customFieldId: "gid://gitlab/Issuables::CustomField/1", textValue: "x" };
  expect((await update({ customFieldsWidget: [unknown] })).errors?.[0]?.message).toMatch(/does not exist or you don't/);
});

test("reactions are given once, taken back, and toggled; what cannot be is said in GitLab's words", async () => {
  const react = async (action: string, name = "thumbsup"): Promise<unknown> => {
    const { data } = await update({ awardEmojiWidget: { action, name } });
    return (data["workItemUpdate"] as { errors: unknown }).errors;
  };
  expect(await react("ADD")).toEqual([]);
  expect(await react("ADD")).toEqual(["Name has already been taken"]);
  expect(await fieldsOf("1")).toMatchObject({ widgets: [{ upvotes: 1 }, {}] });
  expect(await react("REMOVE")).toEqual([]);
  expect(await react("REMOVE")).toEqual(["User has not awarded emoji of type thumbsup on the awardable"]);
  expect(await react("TOGGLE", "thumbsdown")).toEqual([]);
  expect(await fieldsOf("1")).toMatchObject({ widgets: [{ upvotes: 0, downvotes: 1 }, {}] });
});

const listed = async (variables: object, as = "ada"): Promise<unknown> =>
  (await ask(text("vulnerabilities-list"), { path: "shop/web", isProject: true, ...variables }, as)).data["project"];

test("vulnerabilities are listed worst first, counted, filtered, and seen by developers up", async () => {
  expect(await listed({ state: null })).toMatchObject({
    vulnerabilitySeveritiesCount: { critical: 1, low: 1, high: 0 },
    vulnerabilities: {
      nodes: [
        {
          title: "SQL injection",
          state: "DETECTED",
          reportType: "SAST",
          location: { file: "src/db.ts", startLine: "12" },
          primaryIdentifier: { name: "CWE-89" },
          project: { fullPath: "shop/web" },
        },
        { title: "Old library", state: "DISMISSED" },
      ],
    },
  });
  expect(await listed({ severity: ["LOW"] })).toMatchObject({ vulnerabilities: { nodes: [] } });
  expect(await listed({ hasIssues: true, state: null }, "ben")).toMatchObject({
    vulnerabilities: { nodes: [{ title: "SQL injection" }] },
  });
  expect(await listed({}, "guest")).toMatchObject({ vulnerabilities: { nodes: [] } });
  const inGroup = await ask(text("vulnerabilities-list"), { path: "shop", isProject: false });
  expect(inGroup.data["group"]).toMatchObject({ vulnerabilities: { nodes: [{ title: "SQL injection" }] } });
});

test("a maintainer decides about a vulnerability, which keeps who decided what", async () => {
  const id = `gid://gitlab/Vulnerability/${String(emulator.state.resources.of("vulnerabilities")[0]?.id)}`;
  const steps = { confirms: false, dismisses: false, resolves: false, reverts: false };
  const decide = (input: object, as = "ada"): Promise<Answer> =>
    ask(text("vulnerability-state-set"), { id, ...steps, ...input }, as);
  expect((await decide({ confirms: true }, "ben")).errors?.[0]?.message).toMatch(/does not exist or you don't/);
  expect(await decide({ confirms: true, comment: "Seen in production" })).toMatchObject({
    data: {
      vulnerabilityConfirm: { errors: [], vulnerability: { state: "CONFIRMED", stateComment: "Seen in production" } },
    },
  });
  expect(await decide({ dismisses: true, dismissalReason: "USED_IN_TESTS" })).toMatchObject({
    data: { vulnerabilityDismiss: { vulnerability: { state: "DISMISSED", dismissalReason: "USED_IN_TESTS" } } },
  });
  const { data } = await ask(text("vulnerability-get"), { id });
  expect(data["vulnerability"]).toMatchObject({
    issueLinks: { nodes: [{ issue: { iid: "1", title: "Basket is empty" } }] },
    stateTransitions: {
      nodes: [
        { fromState: "DETECTED", toState: "CONFIRMED", author: { username: "ada" } },
        { fromState: "CONFIRMED", toState: "DISMISSED" },
      ],
    },
  });
  expect((await ask(text("vulnerability-get"), { id }, "guest")).data["vulnerability"]).toBeNull();
});

test("a snapshot has fields, their values, findings and decisions, and gives the same again", async () => {
  const snapshot = emulator.snapshot();
  expect(snapshot.groups?.[0]?.resources?.["custom_fields"]).toHaveLength(2);
  expect(snapshot.projects?.[0]?.issues?.[0]).toMatchObject({ custom_fields: { Effort: 2.5 } });
  expect(snapshot.projects?.[0]?.resources?.["vulnerabilities"]).toMatchObject([
    { resources: { state_transitions: [{ author: "ada" }, { author: "ada" }] } },
    {},
  ]);
  const again = await createGitLabEmulator({ plan: "ultimate", seed: snapshot });
  try {
    expect(again.snapshot()).toEqual(snapshot);
  } finally {
    await again.close();
  }
});
