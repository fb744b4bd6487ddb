import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect, test } from "vitest";
import { exportDefinitions } from "../../src/adapters/export.js";
import { selectTools } from "../../src/tools/select.js";
import { cli } from "../support/cli.js";

type Schema = Record<string, unknown>;

const isSchema = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Every schema inside a schema, with its place. */
function* within(schema: Schema, place: string): Generator<[string, Schema]> {
  yield [place, schema];
  const properties = isSchema(schema["properties"]) ? schema["properties"] : {};
  for (const [name, part] of Object.entries(properties)) if (isSchema(part)) yield* within(part, `${place}.${name}`);
  for (const keyword of ["items", "additionalProperties"]) {
    const part = schema[keyword];
    if (isSchema(part)) yield* within(part, `${place}.${keyword}`);
  }
}

test("--help of every command says what it does", async () => {
  for (const args of [
    [],
    ["tools"],
    ["tools", "list"],
    ["tools", "export"],
    ["call"],
    ["generate"],
    ["spec"],
    ["spec", "update"],
    ["demo"],
  ]) {
    const ran = await cli([...args, "--help"]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout).toContain("Usage: gitlab-agent-tools");
  }
});

test("list and show, for people and for programs", async () => {
  const listed = JSON.parse((await cli(["tools", "list", "--json"])).stdout) as { name: string; access: string }[];
  const core = selectTools().map(({ name }) => name);
  expect(listed.map(({ name }) => name).toSorted()).toEqual(core);
  const reads = JSON.parse(
    (await cli(["tools", "list", "--json", "--access", "read", "--area", "issues"])).stdout,
  ) as typeof listed;
  expect(reads.length).toBeGreaterThan(1);
  expect(reads.every(({ access }) => access === "read")).toBe(true);
  expect((await cli(["tools", "list"])).stdout).toContain(`${core.length} tools`);

  const shown = await cli(["tools", "show", "gitlab_issues_list"]);
  for (const part of ["GET /api/v4/projects/{id}/issues", "project_id", "opened | closed | all", "read_api"])
    expect(shown.stdout).toContain(part);
  const missing = await cli(["tools", "show", "gitlab_isues_list"]);
  expect(missing).toMatchObject({ code: 1, stdout: "" });
  expect(missing.stderr).toContain("did you mean gitlab_issues_list?");
});

test("export --format json-schema is valid JSON Schema that any provider can read, for every level", async () => {
  const file = join(await mkdtemp(join(tmpdir(), "export-")), "schemas.json");
  expect(await cli(["tools", "export", "--format", "json-schema", "--level", "all", "--out", file])).toMatchObject({
    code: 0,
    stdout: "",
  });
  const schemas = JSON.parse(await readFile(file, "utf8")) as Record<string, Schema>;
  expect(Object.keys(schemas)).toEqual(selectTools({ level: "all" }).map(({ name }) => name));
  const ajv = new Ajv2020({ strict: true, code: { optimize: false } });
  addFormats.default(ajv);
  for (const [name, schema] of Object.entries(schemas)) {
    expect(() => ajv.compile(schema), name).not.toThrow();
    for (const [place, part] of within(schema, name)) {
      expect(part["type"], `${place} has a type`).toBeTypeOf("string");
      expect(part, place).not.toHaveProperty("$ref");
      if (part["type"] === "array") expect(isSchema(part["items"]), `${place} has items`).toBe(true);
    }
  }
});

test("export in every format is what its readers take", async () => {
  const read = async (format: string): Promise<unknown> =>
    JSON.parse((await cli(["tools", "export", "--format", format, "--area", "issues"])).stdout);
  expect(await read("mcp")).toMatchObject({
    tools: expect.arrayContaining([expect.objectContaining({ name: "gitlab_issue_get" })]) as unknown,
  });
  expect(await read("openai")).toEqual(
    expect.arrayContaining([expect.objectContaining({ type: "function", name: "gitlab_issue_get" })]),
  );
  expect(await read("anthropic")).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ input_schema: expect.objectContaining({ type: "object" }) as unknown }),
    ]),
  );
  expect(await read("gemini")).toEqual([
    expect.objectContaining({ functionDeclarations: expect.any(Array) as unknown }),
  ]);
  expect((await cli(["tools", "export", "--format", "markdown"])).stdout).toContain("### `gitlab_issue_get`");
});

test("export prints what a model is sent: selected, minified, and indented on demand", async () => {
  const exported = async (...args: string[]): Promise<string> => {
    const { code, stdout } = await cli(["tools", "export", ...args]);
    expect(code).toBe(0);
    return stdout;
  };
  const lean = await exported("--format", "mcp", "--preset", "triage", "--access", "read");
  expect(lean).toBe(`${JSON.stringify(JSON.parse(lean))}\n`);
  expect(lean).toBe(exportDefinitions(selectTools({ preset: "triage", access: "read" }), "mcp"));
  expect(await exported("--format", "mcp", "--tools", "gitlab_issue_get", "--pretty")).toContain('\n      "name"');
  const full = JSON.parse(
    await exported(
      "--format",
      "mcp",
      "--tools",
      "gitlab_issue_get",
      "--annotations",
      "full",
      "--output-schema",
      "compact",
    ),
  ) as { tools: [Schema] };
  expect(full.tools[0]).toMatchObject({
    annotations: { title: "Get issue", readOnlyHint: true, openWorldHint: true },
    outputSchema: { type: "object", properties: { author: { type: "string" } } },
  });
  const discovery = JSON.parse(await exported("--format", "openai", "--discovery", "--strict")) as Schema[];
  expect(discovery.map(({ name }) => name)).toEqual(["gitlab_tools_find", "gitlab_tool_describe", "gitlab_tool_call"]);
});

const ownModule = join("test", "fixtures", "own-tools.js");

test("--tools takes a module with tools of one's own: listed, shown and exported beside GitLab's", async () => {
  const json = async (...args: string[]): Promise<unknown> => {
    const { code, stdout, stderr } = await cli(["tools", ...args]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return JSON.parse(stdout);
  };
  const names = async (tools: string): Promise<string[]> =>
    ((await json("list", "--json", "--tools", tools)) as { name: string }[]).map(({ name }) => name);
  const own = ["acme_widget_create", "acme_widgets_list"];
  expect(await names(ownModule)).toEqual([...own, ...selectTools().map(({ name }) => name)]);
  expect(await names(`${ownModule},acme_*,!acme_widgets_list`)).toEqual(["acme_widget_create"]);
  expect(await json("show", "acme_widget_create", "--tools", ownModule, "--json")).toMatchObject({
    access: "write",
    inputSchema: { required: ["project_id", "title"] },
  });
  const exported = async (...format: string[]): Promise<unknown> =>
    await json("export", "--tools", `${ownModule},acme_widgets_list`, "--format", ...format);
  // What may be of several types stays so for every provider.
  const since = [{ type: "string" }, { type: "object", properties: { release: { type: "string" } } }];
  const shown = { since: { anyOf: since }, kind: { type: "string", enum: ["round"] } };
  expect(await exported("mcp")).toMatchObject({ tools: [{ inputSchema: { properties: shown } }] });
  expect(await exported("anthropic")).toMatchObject([{ input_schema: { properties: shown } }]);
  expect(await exported("gemini")).toMatchObject([
    {
      functionDeclarations: [
        { parameters: { properties: { ...shown, size: { anyOf: [{ type: "string" }, { type: "number" }] } } } },
      ],
    },
  ]);
  expect(await exported("openai", "--strict")).toMatchObject([
    { parameters: { properties: { since: { anyOf: [...since, { type: "null" }] } } } },
  ]);
});

test("a module that cannot be loaded, or has no tools, is wrong usage", async () => {
  const folder = await mkdtemp(join(tmpdir(), "modules-"));
  const empty = join(folder, "empty.mjs");
  await writeFile(empty, "export const answer = 42;\n");
  for (const [module, message] of [
    [join(folder, "absent.js"), "cannot be loaded"],
    [empty, "exports no tool that defineTool or generate has made"],
    ["https://evil.example/tools.js", "cannot be loaded"],
  ] as const) {
    const ran = await cli(["tools", "list", "--tools", module]);
    expect(ran).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(message) as string });
  }
  await rm(folder, { recursive: true });
});
