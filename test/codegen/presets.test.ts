import { expect, test } from "vitest";
import { generate } from "../../codegen/generate.js";
import { problems, project, read, sound } from "./project.js";

const preset = (lines: string): string => `presets:
  look:
    title: Look
    description: Looks.
${lines}`;

async function refused(presets: string): Promise<string[]> {
  const root = await project({ ...sound(), "spec/presets.yaml": presets });
  const before = await read(root);
  const lines = await problems(() => generate({ root }));
  expect(await read(root)).toEqual(before);
  return lines;
}

test("a preset becomes the names of its tools", async () => {
  const root = await project({
    ...sound(),
    "spec/presets.yaml": preset("    tools: [gitlab_widget*]\n    access: read\n"),
  });
  await generate({ root });
  const files = await read(root);
  expect(files["generated/presets.ts"]).toContain('tools: ["gitlab_widgets_list"]');
  expect(JSON.parse(files["spec/presets.schema.json"] ?? "")).toMatchObject({ properties: { presets: {} } });
});

test("a project without presets has none", async () => {
  const root = await project(sound());
  await generate({ root });
  expect((await read(root))["generated/presets.ts"]).toContain("presets = {} as const");
});

test.each<[string, string, string[]]>([
  [
    "an unknown tool",
    preset("    tools: [gitlab_widget_list]\n"),
    ['spec/presets.yaml:5:13 unknown tool "gitlab_widget_list"; did you mean "gitlab_widgets_list"?'],
  ],
  [
    "a glob that is no tool's, below others",
    preset("    tools:\n      - gitlab_widgets_list\n      - '!gitlab_gadget*'\n"),
    ['spec/presets.yaml:7:9 unknown tool "gitlab_gadget*"; there are: gitlab_widget_create, gitlab_widgets_list'],
  ],
  [
    "an unknown area",
    preset("    areas: [widget]\n"),
    ['spec/presets.yaml:5:13 unknown area "widget"; did you mean "widgets"?'],
  ],
  [
    "an unknown key",
    preset("    acces: read\n"),
    ['spec/presets.yaml:5:5 unknown key "acces"; did you mean "access"?'],
  ],
  [
    "a wrong word",
    preset("    access: reading\n"),
    ['spec/presets.yaml:5:13 "access" is "reading", which is not one of read, write, destructive'],
  ],
  ["nothing selected", preset("    tools: ['!gitlab_widget*']\n"), ['spec/presets.yaml:2:3 "look" selects no tool']],
  ["no description", "presets:\n  look:\n    title: Look\n", ['spec/presets.yaml:2:3 "description" is missing']],
])("refused with its place: %s", async (_, presets, lines) => {
  expect(await refused(presets)).toEqual(lines);
});
