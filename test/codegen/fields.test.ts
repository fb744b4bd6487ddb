import { expect, test } from "vitest";
import { generate } from "../../codegen/generate.js";
import { problems, project, read, sound } from "./project.js";

const lists = (more: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, readonly string[]>> => ({
  markdown: ["name"],
  plain: ["tags"],
  made: ["id"],
  names: ["parts"],
  ...more,
});

test("fields that answers have become data of the runtime", async () => {
  const root = await project({ ...sound(), "spec/fields.yaml": lists({}) });
  await generate({ root });
  expect((await read(root))["generated/fields.ts"]).toContain('markdown: ["name"],');
});

test("a project that says nothing of fields has no such file", async () => {
  const root = await project(sound());
  await generate({ root });
  expect(Object.keys(await read(root))).not.toContain("generated/fields.ts");
});

test("a name that no answer has, that is there twice, or that is not only ours is refused with its place", async () => {
  const root = await project({
    ...sound(),
    "spec/fields.yaml": lists({ markdown: ["nam"], made: ["id", "tags", "verdict"], ours: ["verdict", "owner"] }),
  });
  expect(await problems(() => generate({ root }))).toEqual([
    'spec/fields.yaml:2:5 no answer has a field "nam"; did you mean "name"?',
    'spec/fields.yaml:7:5 "tags" is said already',
    'spec/fields.yaml:13:5 GitLab\'s answers have a field "owner"',
  ]);
});
