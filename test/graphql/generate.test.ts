import { readdirSync, readFileSync } from "node:fs";
import { parse, validate } from "graphql";
import { describe, expect, test } from "vitest";
import { generate } from "../../codegen/generate.js";
import { graphqlLookups } from "../../generated/graphql-lookups.js";
import { schemaOf } from "../../src/graphql-editions.js";
import type { TextPart } from "../../src/definition/graphql-call.js";
import { textFor } from "../../src/tools/graphql/text.js";
import { tools } from "../../src/tools.js";
import { inherited, manifest, problems, project, read, sound, type Files } from "../codegen/project.js";

const folder = new URL("../../spec/graphql/", import.meta.url);
const schema = readFileSync(new URL("schema.graphql", folder), "utf8");

const text =
  "query Things($path: ID!, $iid: String!) {\n  namespace(fullPath: $path) {\n    workItem(iid: $iid) {\n      title\n    }\n  }\n}\n";
const tool = {
  graphql: "spec/graphql/thing-get.graphql",
  result: "namespace.workItem",
  title: "Get thing",
  description: "One thing.",
  view: ["title"],
};

const files = (given: object, body = text): Files => ({
  ...sound(),
  "spec/tools/widgets.yaml": manifest({ gitlab_thing_get: { ...tool, ...given } }),
  "spec/graphql/schema.graphql": schema,
  "spec/graphql/thing-get.graphql": body,
});

test("a text becomes a tool: its variables the input, its selection the type of the data", async () => {
  const root = await project(files({}));
  await generate({ root });
  const made = await read(root);
  expect(made["generated/tools/widgets.ts"]).toContain(`export interface ThingGetInput {
  /** Number, path or web URL. */
  project_id?: string | number;
  /** Number, path or web URL. */
  group_id?: string | number;
  work_item: string | number;
}`);
  expect(made["generated/tools/widgets.ts"]).toContain("export type ThingGetData = {\n  title: string;\n};");
  expect(made["docs/api.md"]).toContain("gitlab_thing_get");
});

test.each<[string, object, string, string[]]>([
  [
    "a field that the schema lacks",
    {},
    text.replace("title", "titel"),
    [
      'spec/graphql/thing-get.graphql:4:7 Cannot query field "titel" on type "WorkItem". Did you mean "title" or "state"?',
    ],
  ],
  [
    "what is no GraphQL",
    {},
    "query {",
    ["spec/graphql/thing-get.graphql:1:8 Syntax Error: Expected Name, found <EOF>."],
  ],
  [
    "two operations",
    {},
    `${text}query Other { metadata { version } }\n`,
    ["spec/graphql/thing-get.graphql:8:1 has a second operation"],
  ],
  [
    "a text that is not there",
    { graphql: "spec/graphql/other.graphql" },
    text,
    ["spec/graphql/other.graphql does not exist"],
  ],
  [
    "a result that it does not ask for",
    { result: "namespace.project" },
    text,
    ['spec/tools/widgets.yaml:6:13 "namespace.project": the text does not ask for that'],
  ],
  [
    "a view of what it does not bring",
    { view: ["titel"] },
    text,
    ['spec/tools/widgets.yaml:10:9 view "titel": the answer has no field "titel"; did you mean "title"?'],
  ],
  ["a query that is to change things", { access: "write" }, text, ["spec/tools/widgets.yaml:11:13 a query is a read"]],
  [
    "a mutation that is to be a read",
    { access: "read", result: "workItemDelete" },
    "mutation Gone($input: WorkItemDeleteInput!) {\n  workItemDelete(input: $input) {\n    errors\n  }\n}\n",
    ["spec/tools/widgets.yaml:11:13 a mutation is write or destructive: say which"],
  ],
  [
    "a name for a variable that there is not",
    { rename: { iidd: "number" } },
    text,
    ['spec/tools/widgets.yaml:12:7 the text has no variable "iidd"; did you mean "iid"?'],
  ],
  [
    "an older way that names what there is not",
    { older: { before: "18.1", tool: "gitlab_widget_gt", input: { iid: "iid" }, answer: { titel: "$title" } } },
    text,
    [
      'spec/tools/widgets.yaml:15:9 gitlab_thing_get has no parameter "iid"; there are: project_id, group_id, work_item',
      'spec/tools/widgets.yaml:17:9 the text asks for no "titel" there; did you mean "title"?',
    ],
  ],
  [
    "an older tool that there is not",
    { older: { before: "18.1", tool: "gitlab_widget_gt", input: {}, answer: {} } },
    text,
    ['spec/tools/widgets.yaml:13:13 unknown tool "gitlab_widget_gt"; did you mean "gitlab_thing_get"?'],
  ],
  [
    "an operation beside it",
    { operation: "getWidgets" },
    text,
    ['spec/tools/widgets.yaml:5:5 "operation" and "graphql" exclude each other'],
  ],
])("is refused with its place: %s", async (_, given, body, lines) => {
  const root = await project({ ...files(given, body), "spec/parameters.yaml": inherited });
  const before = await read(root);
  expect((await problems(() => generate({ root }))).slice(0, lines.length)).toEqual(lines);
  expect(await read(root)).toEqual(before);
});

describe("the text that is put together", () => {
  const texts: [name: string, parts: readonly TextPart[]][] = [
    ...Object.entries(graphqlLookups),
    ...Object.values(tools).flatMap(({ definition }): [string, readonly TextPart[]][] =>
      definition.graphql ? [[definition.name, definition.graphql.text]] : [],
    ),
  ];

  test.each([
    ["18.2", true],
    ["18.2", false],
    ["18.4", true],
    ["18.9", false],
    ["18.11", true],
    ["19.0", false],
    ["19.2.4", true],
    ["19.2.4", false],
  ])("is understood by GitLab %s, Enterprise: %s", (version, enterprise) => {
    const build = { version, enterprise };
    const known = schemaOf(schema, build);
    const faults = texts.flatMap(([name, parts]) => {
      const whole = textFor(parts, build);
      return whole === "" ? [] : validate(known, parse(whole)).map(({ message }) => `${name}: ${message}`);
    });
    expect(faults).toEqual([]);
  });

  test("is whole where nothing is known of the instance, and shorter on a Community build", () => {
    const { graphql } = tools.gitlab_work_item_get.definition;
    const parts = graphql?.text ?? [];
    expect(textFor(parts, {})).toContain("WorkItemWidgetWeight");
    expect(textFor(parts, { version: "19.2", enterprise: false })).not.toMatch(/WorkItemWidgetWeight|isFixed/);
  });
});

test("every lookup text is one of the files", () => {
  const names = new Set(readdirSync(folder).map((name) => name.replace(/\.graphql$/, "")));
  expect(Object.keys(graphqlLookups).filter((name) => !names.has(name))).toEqual([]);
});
