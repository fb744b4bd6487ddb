import { afterAll, beforeAll, expect, test } from "vitest";
import { createSeededGitLab, type SeededGitLab } from "../../bench/seeded-gitlab.js";
import { selectTools } from "../../src/tools/select.js";
import { toCompact } from "../../src/views/compact.js";
import { fieldPaths } from "../../src/views/fields.js";
import { given, needs } from "./needs.js";

const tools = selectTools();
const byName = new Map(tools.map((tool) => [tool.name, tool]));
let seeded: SeededGitLab;
beforeAll(async () => {
  seeded = await createSeededGitLab();
});
afterAll(() => seeded.close());

test("it is said of every tool's every parameter where its value comes from", () => {
  const silent = tools.flatMap(({ name, curated }) =>
    curated.filter((parameter) => !(parameter in needs) && !given.has(parameter)).map((one) => `${name}: ${one}`),
  );
  expect(silent).toEqual([]);
  for (const { curated } of tools)
    for (const parameter of curated) expect(parameter in needs && given.has(parameter), parameter).toBe(false);
});

const claims = Object.entries(needs).flatMap(([parameter, places]) =>
  Object.entries(places).flatMap(([paths, names]) =>
    names.flatMap((name) => paths.split(" ").map((path) => ({ parameter, name, path }))),
  ),
);

test("the compact view of every answer that a next call needs has it", () => {
  const dropped = claims.filter(({ name, path }) => {
    const view = byName.get(name)?.view;
    return !view || (view.length > 0 && !view.map((one) => one.replaceAll("[]", "")).includes(path));
  });
  expect(dropped).toEqual([]);
});

/** A field of an item by its path; of a list on the way, every item's. */
function at(value: unknown, path: readonly string[]): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (Array.isArray(value)) return value.map((item) => at(item, path));
  return typeof value === "object" && value !== null ? at(Reflect.get(value, step), rest) : undefined;
}

/** Every text and number in a value. */
function values(value: unknown): (string | number)[] {
  if (typeof value === "string" || typeof value === "number") return value === "" ? [] : [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(values) : [];
}

test("on the emulator: the values that the next call needs are in the compact answer, unaltered", async () => {
  const { gitlab, identifier, inputOf } = seeded;
  const seen = new Set<string>();
  for (const tool of tools.filter(({ list }) => list)) {
    const call = { identifier, toolName: tool.name, toolInput: inputOf(tool) };
    const full = await gitlab.executeTool({ ...call, view: "full" });
    const compact = await gitlab.executeTool({ ...call, view: "compact" });
    expect(compact.page, `${tool.name} keeps where the page stands`).toEqual(full.page);
    for (const { name, path } of claims.filter((claim) => claim.name === tool.name)) {
      const wanted = values(at(full.data, path.split(".")));
      const shown = new Set(values(compact.data));
      expect(
        wanted.filter((value) => !shown.has(value)),
        `${name}: ${path}`,
      ).toEqual([]);
      if (wanted.length > 0) seen.add(name);
    }
  }
  expect(seen.size).toBeGreaterThan(24);
});

test("fields of the caller's choice leave them there", () => {
  for (const { name, view } of tools) {
    if (view.length === 0) continue;
    const paths = fieldPaths(view, ["web_url"]);
    const identity = view.filter((path) => ["id", "iid", "sha", "last_commit_id", "tag_name", "key"].includes(path));
    expect(paths, name).toEqual(expect.arrayContaining([...identity, view[0], "web_url"]));
    expect(fieldPaths(view, ["+web_url"]), name).toEqual([...new Set([...view, "web_url"])]);
  }
});

test("an empty view shows everything", () => {
  const tool = { name: "gitlab_x", answer: "json", view: [] };
  expect(toCompact(tool, { id: 1, nothing: null })).toEqual({ id: 1, nothing: null });
});
