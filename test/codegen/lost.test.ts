import { expect, test } from "vitest";
import { generate } from "../../codegen/generate.js";
import { problems, project, read, sound } from "./project.js";

const refused = async (lost: string): Promise<string[]> => {
  const root = await project({ ...sound(), "spec/lost.yaml": lost });
  return problems(() => generate({ root }));
};

test.each<[string, string, string[]]>([
  [
    "what is found of no tool, in no list, and taken away by no tool",
    `found:
  gitlab_gadget_create: { match: { name: name } }
  gitlab_widgets_list: { in: gitlab_nothing_list, match: { name: name }, secret: { field: value, remove: gitlab_no } }
open: []
`,
    [
      'spec/lost.yaml:2:3 unknown tool "gitlab_gadget_create"',
      'spec/lost.yaml:3:30 unknown tool "gitlab_nothing_list"',
      'spec/lost.yaml:3:74 unknown tool "gitlab_no"',
    ],
  ],
  [
    "what is open of no tool, is checked with none, or is said twice",
    `found: {}
open:
  - why: Because.
    tools: { gitlab_widget_list: gitlab_widgets_list, gitlab_widgets_list: gitlab_no_list }
  - why: Because.
    tools: { gitlab_widgets_list: gitlab_widgets_list }
`,
    [
      'spec/lost.yaml:4:14 unknown tool "gitlab_widget_list"; did you mean "gitlab_widgets_list"?',
      'spec/lost.yaml:4:76 unknown tool "gitlab_no_list"',
      "spec/lost.yaml:6:14 it is said already",
    ],
  ],
])("%s is refused with its place", async (_name, lost, expected) => {
  expect((await refused(lost)).map((line) => line.replace(/(gitlab_no_list").*/, "$1"))).toEqual(expected);
});

test("the row of a tool that is left open has the tool to look with, and not the reason", async () => {
  const root = await project({
    ...sound(),
    "spec/lost.yaml": "found: {}\nopen: [{ why: It lists., tools: { gitlab_widgets_list: gitlab_widgets_list } }]\n",
  });
  await generate({ root });
  const rows = Object.values(await read(root)).join("\n");
  expect(rows).toMatch(/lost\W+check\W+gitlab_widgets_list\W/);
  expect(rows.match(/"lost":.*It lists/)).toBeNull();
});
