import { expect, test } from "vitest";
import { generate } from "../../codegen/generate.js";
import { problems, project, read, sound, type Files } from "./project.js";

/** A manifest file, whose lines the tests count. */
const tools = (list: string, more = ""): string => `area: widgets
title: Widgets
tools:
  gitlab_widgets_list:
    operation: getWidgets
    title: List widgets
    description: Lists widgets.
    access: read
${list}${more}`;
const curated = "    curated: [project_id, state]\n";

async function refused(manifest: string, more: Files = {}): Promise<string[]> {
  const root = await project({ ...sound(), "spec/tools/widgets.yaml": manifest, ...more });
  const before = await read(root);
  const lines = await problems(() => generate({ root }));
  expect(await read(root)).toEqual(before);
  return lines;
}

/** A tool made of several calls, beside the others; it begins at line 10. */
const workflow = (lines: string): string =>
  tools(curated, `workflows:\n  gitlab_widget_swap:\n    title: Swap\n    description: Swaps.\n${lines}`);

test.each<[string, string, string[]]>([
  [
    "a step that no tool is",
    workflow("    access: read\n    steps: [gitlab_widget_list]\n    input: { a: {} }\n"),
    ['spec/tools/widgets.yaml:15:13 unknown tool "gitlab_widget_list"; did you mean "gitlab_widgets_list"?'],
  ],
  [
    "a step that does more than its tool says",
    workflow("    access: read\n    steps: [gitlab_widgets_list]\n    input: { a: {} }\n").replace("read", "write"),
    ["spec/tools/widgets.yaml:15:13 gitlab_widgets_list is write, and the tool says that it is read"],
  ],
  [
    "names that the input of several calls does not have",
    workflow(
      "    access: read\n    steps: [gitlab_widgets_list]\n    input: { a: { required: true }, b: { finder: gitlab_x } }\n    curated: [c]\n",
    ),
    [
      'spec/tools/widgets.yaml:16:50 unknown tool "gitlab_x"; there are: gitlab_widgets_list, gitlab_widget_swap',
      'spec/tools/widgets.yaml:17:14 "a" is required, and has to be curated',
      'spec/tools/widgets.yaml:17:15 the input has no parameter "c"; did you mean "a"?',
    ],
  ],
  [
    "an alias that is a tool's name, or stands twice",
    tools(
      "    aliases: [gitlab_gizmos_list, gitlab_widgets_list, gitlab_widget_create]\n",
      `  gitlab_widget_create:
    operation: postWidgets
    title: Create widget
    description: Makes a widget.
    access: write
    aliases: [gitlab_gizmos_list]
`,
    ),
    [
      'spec/tools/widgets.yaml:9:15 gitlab_widgets_list: "gitlab_gizmos_list" is an alias of gitlab_widget_create already',
      'spec/tools/widgets.yaml:9:35 gitlab_widgets_list: "gitlab_widgets_list" is the name of a tool',
      'spec/tools/widgets.yaml:9:56 gitlab_widgets_list: "gitlab_widget_create" is the name of a tool',
    ],
  ],
  [
    "unknown key",
    tools(curated, "    curatd: [state]\n"),
    ['spec/tools/widgets.yaml:10:5 unknown key "curatd"; did you mean "curated"?'],
  ],
  [
    "unknown key of a parameter",
    tools(curated, "    parameters:\n      state: { descripton: Which }\n"),
    ['spec/tools/widgets.yaml:11:16 unknown key "descripton"; did you mean "description"?'],
  ],
  ["missing key", tools("").replace(/ {4}operation: .*\n/, ""), ['spec/tools/widgets.yaml:4:3 "operation" is missing']],
  ["wrong type", tools("    curated: project_id\n"), ['spec/tools/widgets.yaml:9:14 "curated" has to be a list']],
  [
    "wrong word",
    tools(curated).replace("access: read", "access: reed"),
    ['spec/tools/widgets.yaml:8:13 "access" is "reed", which is not one of read, write, destructive'],
  ],
  [
    "a tool's name",
    tools(curated).replace("gitlab_widgets_list", "widgetsList"),
    ["spec/tools/widgets.yaml:4:3 a tool's name has to be gitlab_ and snake_case"],
  ],
  [
    "unknown operation",
    tools(curated).replace("getWidgets", "getWidget"),
    [
      'spec/tools/widgets.yaml:5:16 unknown operation "getWidget"; did you mean "getWidgets"?; run `spec update` when it is new in the manifest',
    ],
  ],
  [
    "a parameter that the operation does not have",
    tools("    curated: [project_id, stat]\n"),
    ['spec/tools/widgets.yaml:9:27 getWidgets has no parameter "stat"; did you mean "state"?'],
  ],
  [
    "a wire name in the place of the public one",
    tools("    curated: [project_id, id]\n"),
    ['spec/tools/widgets.yaml:9:27 getWidgets has no parameter "id"; it is called "project_id" here'],
  ],
  [
    "a parameter twice",
    tools("    curated: [project_id, state, state]\n"),
    ['spec/tools/widgets.yaml:9:34 "state" stands here twice'],
  ],
  [
    "a required parameter that is not curated",
    tools("    curated: [state]\n"),
    ['spec/tools/widgets.yaml:9:5 "project_id" is required, and has to be curated'],
  ],
  [
    "one that we require",
    tools("    curated: [project_id]\n", "    require: [state]\n"),
    ['spec/tools/widgets.yaml:9:5 "state" is required, and has to be curated'],
  ],
  [
    "unknown names elsewhere",
    tools(
      curated,
      `    require: [stat]
    omit: [pages]
    rename: { pag: number }
    exclusive: [[state, pagee]]
    required_one:
      - [state, sate]
    parameters:
      statee: { description: Which }
`,
    ),
    [
      'spec/tools/widgets.yaml:10:15 getWidgets has no parameter "stat"; did you mean "state"?',
      'spec/tools/widgets.yaml:11:12 getWidgets has no parameter "pages"; did you mean "page"?',
      'spec/tools/widgets.yaml:12:15 getWidgets has no parameter "pag"; did you mean "page"?',
      'spec/tools/widgets.yaml:13:25 getWidgets has no parameter "pagee"; did you mean "page"?',
      'spec/tools/widgets.yaml:15:17 getWidgets has no parameter "sate"; did you mean "state"?',
      'spec/tools/widgets.yaml:17:7 getWidgets has no parameter "statee"; did you mean "state"?',
    ],
  ],
  [
    "two parameters of one name",
    tools(curated, "    rename: { page: state }\n"),
    ['spec/tools/widgets.yaml:10:5 "state" (query) and "page" (query) are both called "state"; rename or omit one'],
  ],
  [
    "an added parameter that the operation has",
    tools(curated, "    add:\n      page: { type: integer }\n"),
    ['spec/tools/widgets.yaml:11:7 the operation has a parameter "page" already'],
  ],
  [
    "a witness that is not read where it is written, or is no field",
    tools(
      curated,
      `  gitlab_widget_make:
    operation: postWidgets
    access: write
    witness: { read: gitlab_widget_make, field: naem }
`,
    ),
    [
      "spec/tools/widgets.yaml:13:22 gitlab_widget_make does not read /api/v4/projects/{id}/widgets",
      'spec/tools/widgets.yaml:13:49 witness "naem": the answer has no field "naem"; did you mean "name"?',
    ],
  ],
  [
    "a witness that no tool reads",
    tools(curated, "    witness: { read: gitlab_widgets_lists, field: name }\n"),
    ['spec/tools/widgets.yaml:10:22 unknown tool "gitlab_widgets_lists"; did you mean "gitlab_widgets_list"?'],
  ],
  [
    "omitting what is required",
    tools(curated, "    omit: [project_id]\n"),
    [
      'spec/tools/widgets.yaml:9:15 getWidgets has no parameter "project_id"; there are: state, page',
      'spec/tools/widgets.yaml:10:11 "id" is required and cannot be omitted',
    ],
  ],
  [
    "a view of fields that the answer does not have",
    tools(
      curated,
      `    view:
      - nam
      - owner.user
      - parts.title
      - tags
      - owner[].username
      - name.first
`,
    ),
    [
      'spec/tools/widgets.yaml:11:9 view "nam": the answer has no field "nam"; did you mean "name"?',
      'spec/tools/widgets.yaml:12:9 view "owner.user": "owner" has no field "user"; there are: username',
      'spec/tools/widgets.yaml:13:9 view "parts.title": "parts" is a list; write "parts[]"',
      'spec/tools/widgets.yaml:15:9 view "owner[].username": "owner" is not a list; write "owner"',
      'spec/tools/widgets.yaml:16:9 view "name.first": "name" has no fields in the specification',
    ],
  ],
  ["a key twice", tools(curated, curated), ["spec/tools/widgets.yaml:10:5 is not YAML: Map keys must be unique"]],
])("%s", async (_, manifest, expected) => {
  expect(await refused(manifest)).toEqual(expected);
});

test("a tool, its function, or an area in two files", async () => {
  const other = tools(curated).replace("gitlab_widgets_list", "gitlab_widgets__list");
  expect(
    await refused(tools(curated), { "spec/tools/again.yaml": tools(curated), "spec/tools/other.yaml": other }),
  ).toEqual([
    'spec/tools/other.yaml:1:7 duplicate area "widgets": spec/tools/again.yaml has it too',
    'spec/tools/other.yaml:4:3 duplicate tool "gitlab_widgets__list": it is in spec/tools/again.yaml:4:3 already',
    'spec/tools/widgets.yaml:1:7 duplicate area "widgets": spec/tools/other.yaml has it too',
    'spec/tools/widgets.yaml:4:3 duplicate tool "gitlab_widgets_list": it is in spec/tools/again.yaml:4:3 already',
  ]);
});

test("mistakes of several files are reported together", async () => {
  const lines = await refused(tools(curated, "    titel: x\n"), {
    "spec/parameters.yaml": "rename:\n  - { path: api, from: id, to: project_id }\nparameter: {}\n",
  });
  expect(lines).toEqual([
    expect.stringMatching(/^spec\/parameters\.yaml:2:13 "path" /),
    'spec/parameters.yaml:3:1 unknown key "parameter"; did you mean "parameters"?',
    'spec/tools/widgets.yaml:10:5 unknown key "titel"; did you mean "title"?',
  ]);
});

test("no specification yet, or no manifest", async () => {
  const { "spec/gitlab.openapi.yaml": _, ...without } = sound();
  const root = await project(without);
  expect(await problems(() => generate({ root }))).toEqual([
    "spec/gitlab.openapi.yaml is missing; `spec update` makes it",
  ]);
  expect(await problems(async () => generate({ root: await project({}) }))).toEqual([
    "spec/tools has no manifest file (*.yaml)",
  ]);
});
