import { expect, test } from "vitest";
import { stringify } from "yaml";
import { correct } from "../../codegen/correct.js";
import { parseDocument } from "../../codegen/document.js";
import { join } from "../../codegen/join.js";
import { readSelection } from "../../codegen/selection.js";
import { readVocabulary } from "../../codegen/vocabulary.js";
import { readManifest } from "../../codegen/manifest-files.js";
import type { Model, ToolModel } from "../../codegen/model.js";
import { api, createTool, inherited, json, listTool, manifest, project, sound, write } from "./project.js";

/** The model of one operation at `/api/v4/projects/{id}/things/{key}`. */
async function joined(operation: object, tool: object = {}, item: object = {}, method = "get"): Promise<Model> {
  const document = {
    openapi: "3.0.0",
    info: { title: "Things", version: "1" },
    paths: { "/api/v4/projects/{id}/things/{key}": { [method]: { operationId: "thing", ...operation }, ...item } },
    components: {
      parameters: { Page: { name: "page", in: "query", schema: { $ref: "#/components/schemas/Count" } } },
      schemas: {
        Count: { type: "integer", minimum: 1 },
        Loop: { type: "object", properties: { next: { $ref: "#/components/schemas/Loop" } } },
      },
    },
  };
  const root = await project({
    "spec/tools/things.yaml": manifest({
      gitlab_thing: {
        operation: "thing",
        title: "T",
        description: "D.",
        access: "read",
        curated: ["project_id", "key"],
        ...tool,
      },
    }),
    "spec/parameters.yaml": inherited,
  });
  const read = await readManifest(root);
  const [vocabulary, selection] = [await readVocabulary(root), await readSelection(root)];
  const { document: parsed } = parseDocument("api.yaml", stringify(document));
  return join(await correct(root, parsed, read, selection), { manifest: read, vocabulary, selection });
}

async function tool(...args: Parameters<typeof joined>): Promise<ToolModel> {
  const [first] = (await joined(...args)).areas.flatMap(({ tools }) => tools);
  if (!first) throw new Error("no tool");
  return first;
}

const query = (name: string, schema: object, more: object = {}): object => ({ name, in: "query", schema, ...more });
const body = (schema: object, type = "application/json"): object => ({
  requestBody: { content: { [type]: { schema } } },
});

/** The parameters beside those of the path, by name. */
async function parameters(...args: Parameters<typeof joined>): Promise<Record<string, unknown>> {
  const { parameters } = await tool(...args);
  return Object.fromEntries(
    parameters.filter(({ in: where }) => where !== "path").map(({ name, ...rest }) => [name, rest]),
  );
}

test("a path's own parameters, referenced ones, and those that an operation overrides", async () => {
  const { parameters } = await tool(
    { parameters: [{ $ref: "#/components/parameters/Page" }, query("sort", { type: "string", enum: ["asc"] })] },
    {},
    {
      parameters: [
        { name: "id", in: "path", required: true, schema: { type: "string" } },
        { name: "key", in: "path", required: true, schema: { type: "integer" } },
        query("sort", { type: "integer" }),
      ],
    },
  );
  expect(parameters).toEqual([
    {
      name: "project_id",
      wire: "id",
      in: "path",
      required: true,
      ref: "project",
      type: { kind: "reference", facts: {} },
    },
    { name: "key", wire: "key", in: "path", required: true, type: { kind: "integer", facts: {} } },
    { name: "sort", wire: "sort", in: "query", required: false, type: { kind: "choice", values: ["asc"], facts: {} } },
    { name: "page", wire: "page", in: "query", required: false, type: { kind: "integer", facts: { minimum: 1 } } },
  ]);
});

test("a path parameter that is called otherwise than its placeholder, or not declared", async () => {
  const called = await joined({
    parameters: [
      { name: "id", in: "path", required: true, schema: { type: "string" } },
      { name: "thing_key", in: "path", required: true, schema: { type: "integer" } },
    ],
  });
  expect(called.areas[0]?.tools[0]?.parameters[1]).toMatchObject({
    name: "key",
    wire: "key",
    type: { kind: "integer" },
  });
  expect(called.notes).toEqual(['gitlab_thing: placeholder {key} is called "thing_key" in the parameters']);
  const undeclared = await joined({});
  expect(undeclared.areas[0]?.tools[0]?.parameters[1]).toMatchObject({
    name: "key",
    required: true,
    type: { kind: "text" },
  });
  expect(undeclared.notes).toContain(
    "gitlab_thing: placeholder {key} has no parameter in the specification: text is taken",
  );
});

test("types", async () => {
  const found = await parameters(
    {
      parameters: [
        query("required_nullable", { type: "string", nullable: true }, { required: true }),
        query("either", { oneOf: [{ type: "string", nullable: true }, { type: "integer" }] }),
        query("words", { type: "string", enum: ["a", "", null, "a", "b"], nullable: true }),
        query("numbers", { type: "integer", enum: [10, 20] }),
        query("moment", { type: "string", format: "date-time" }),
        query("day", { type: "string", format: "date" }),
        query("quoted", { type: "integer", default: "20" }),
        query("yes", { type: "boolean", default: "false" }),
        query("bounded", { type: "integer", minimum: 0, maximum: 20 }),
        query("both", { allOf: [{ $ref: "#/components/schemas/Count" }, { maximum: 9 }] }),
        query("anything", {}),
      ],
    },
    { curated: ["project_id", "key", "required_nullable"] },
  );
  expect(found).toMatchObject({
    required_nullable: { required: true, type: { kind: "text" } },
    either: { type: { kind: "text", numeric: true } },
    words: { type: { kind: "choice", values: ["a", "b"] } },
    numbers: { type: { kind: "integerChoice", values: [10, 20] } },
    moment: { type: { kind: "dateTime" } },
    day: { type: { kind: "date" } },
    quoted: { type: { kind: "integer", facts: { default: 20 } } },
    yes: { type: { kind: "boolean", facts: { default: false } } },
    bounded: { type: { kind: "integer", facts: { minimum: 0, maximum: 20 } } },
    both: { type: { kind: "integer", facts: { minimum: 1, maximum: 9 } } },
    anything: { type: { kind: "value" } },
  });
});

test("lists: with commas, with brackets, without items, or one of them", async () => {
  const strings = { type: "array", items: { type: "string" } };
  const found = await parameters({
    parameters: [
      query("commas", strings, { style: "form", explode: false }),
      query("brackets", strings),
      query("named[]", { type: "array", items: { type: "integer" } }),
      query("bare", { type: "array" }),
      query("any_or_list", { oneOf: [{ type: "string" }, strings] }),
      query("word_or_list", { oneOf: [{ type: "string", enum: ["a", "b"] }, strings] }),
    ],
  });
  const text = { kind: "text", facts: {} };
  expect(found).toEqual({
    commas: {
      wire: "commas",
      in: "query",
      required: false,
      list: "comma",
      type: { kind: "list", item: text, facts: {} },
    },
    brackets: {
      wire: "brackets",
      in: "query",
      required: false,
      list: "brackets",
      type: { kind: "list", item: text, facts: {} },
    },
    named: {
      wire: "named",
      in: "query",
      required: false,
      list: "brackets",
      type: { kind: "list", item: { kind: "integer", facts: {} }, facts: {} },
    },
    bare: {
      wire: "bare",
      in: "query",
      required: false,
      list: "brackets",
      type: { kind: "list", item: text, facts: {} },
    },
    any_or_list: {
      wire: "any_or_list",
      in: "query",
      required: false,
      list: "brackets",
      keyword: true,
      type: { kind: "list", item: text, facts: {} },
    },
    word_or_list: {
      wire: "word_or_list",
      in: "query",
      required: false,
      list: "brackets",
      type: { kind: "list", item: { kind: "choice", values: ["a", "b"], facts: {} }, facts: {} },
    },
  });
});

test("bracketed parameters are joined into one object, with or without one that is declared", async () => {
  const list = { type: "array", items: { type: "string" } };
  const found = await parameters({
    parameters: [
      query("not", { type: "object", nullable: true }),
      query("not[labels]", list),
      query("not[author_id]", { type: "integer" }),
      query("with[x]", { type: "string" }),
      query("custom", { type: "object" }),
    ],
  });
  expect(found).toMatchObject({
    not: {
      wire: "not",
      list: "brackets",
      type: {
        kind: "object",
        properties: [
          { name: "labels", type: { kind: "list" } },
          { name: "author_id", type: { kind: "integer" } },
        ],
      },
    },
    with: { wire: "with", type: { kind: "object", properties: [{ name: "x" }] } },
    custom: { type: { kind: "record", value: { kind: "value" } } },
  });
  expect(Object.keys(found)).toEqual(["not", "with", "custom"]);
});

test("a bracketed parameter that is renamed is one of its own", async () => {
  const found = await parameters(
    { parameters: [query("filter", { type: "object" }), query("filter[scope]", { type: "string" })] },
    { rename: { "filter[scope]": "scope" } },
  );
  expect(found).toEqual({
    scope: { wire: "filter[scope]", in: "query", required: false, type: { kind: "text", facts: {} } },
  });
});

test("bodies: comma lists, nested objects, uploads, other content types", async () => {
  const schema = {
    type: "object",
    required: ["title"],
    properties: {
      title: { type: "string", minLength: 1, maxLength: 255 },
      labels: { type: "array", items: { type: "string" }, "x-comma-separated": true },
      ids: { type: "array", items: { type: "integer" } },
      links: { type: "array", items: { type: "object", required: ["url"], properties: { url: { type: "string" } } } },
      inputs: { type: "object", additionalProperties: { oneOf: [{ type: "string" }, { type: "number" }] } },
      file: { type: "string", format: "binary" },
    },
  };
  const curated = { curated: ["project_id", "key", "title"] };
  for (const type of ["application/json", "multipart/form-data"]) {
    const { areas } = await joined(body(schema, type), curated, {}, "post");
    const found = areas[0]?.tools[0]?.parameters.slice(2);
    expect(found).toMatchObject([
      { name: "title", in: "body", required: true, type: { kind: "text", facts: { minLength: 1, maxLength: 255 } } },
      { name: "labels", list: "comma", type: { kind: "list" } },
      { name: "ids", list: "brackets", type: { kind: "list", item: { kind: "integer" } } },
      {
        name: "links",
        list: "brackets",
        type: { kind: "array", item: { kind: "object", properties: [{ name: "url", required: true }] } },
      },
      { name: "inputs", type: { kind: "record", value: { kind: "text", numeric: true } } },
      { name: "file", type: { kind: "file" } },
    ]);
  }
});

test("a name that is both in the path and in the body can be told apart", async () => {
  const schema = { type: "object", properties: { key: { type: "string" }, id: { type: "string" } } };
  const changed = { rename: { "body.key": "new_key" }, omit: ["body.id"] };
  const { parameters } = await tool(body(schema), changed, {}, "put");
  expect(parameters.map(({ name, wire, in: where }) => [name, wire, where])).toEqual([
    ["project_id", "id", "path"],
    ["key", "key", "path"],
    ["new_key", "key", "body"],
  ]);
});

test("a schema that contains itself ends somewhere", async () => {
  const { notes } = await joined(
    body({ type: "object", properties: { loop: { $ref: "#/components/schemas/Loop" } } }),
    {},
    {},
    "post",
  );
  expect(notes.join()).toContain('parameter "loop" is nested too deeply (or contains itself)');
});

test("a body of GET is no parameter", async () => {
  expect(await parameters(body({ type: "object", properties: { x: { type: "string" } } }))).toEqual({});
});

test("parameters in headers are left out, with a note", async () => {
  const { notes, areas } = await joined({
    parameters: [{ name: "X-Thing", in: "header", schema: { type: "string" } }],
  });
  expect(areas[0]?.tools[0]?.parameters).toHaveLength(2);
  expect(notes).toContain('gitlab_thing: parameter "X-Thing" is sent in the header: left out');
});

test("the manifest says more: inherited, then its own", async () => {
  const files = {
    ...sound(),
    "spec/parameters.yaml": {
      ...inherited,
      parameters: { page: { description: "Which page", minimum: 1 }, state: { description: "Not this" } },
    },
    "spec/tools/widgets.yaml": manifest({
      gitlab_widgets_list: {
        ...listTool,
        require: ["state"],
        parameters: { state: { description: "This", enum: ["open"] }, page: { maximum: 9 } },
        add: { tail: { type: "integer" } },
      },
      gitlab_widget_create: createTool,
    }),
  };
  const root = await project({});
  await write(root, files);
  const read = await readManifest(root);
  const [vocabulary, selection] = [await readVocabulary(root), await readSelection(root)];
  const { document } = parseDocument("api.yaml", stringify(api()));
  const { areas } = join(await correct(root, document, read, selection), { manifest: read, vocabulary, selection });
  expect(areas[0]?.tools.find(({ name }) => name === "gitlab_widgets_list")?.parameters.slice(1)).toEqual([
    {
      name: "state",
      wire: "state",
      in: "query",
      required: true,
      type: { kind: "choice", values: ["open"], facts: { default: "open", description: "This" } },
    },
    {
      name: "page",
      wire: "page",
      in: "query",
      required: false,
      type: { kind: "integer", facts: { default: 1, description: "Which page", minimum: 1, maximum: 9 } },
    },
    { name: "tail", wire: "tail", in: "local", required: false, type: { kind: "integer", facts: {} } },
  ]);
});

test.each<[string, object, object]>([
  ["JSON", { 200: json({ type: "object" }) }, { kind: "json", list: false, nullable: false }],
  ["a list", { 200: json({ type: "array", items: {} }) }, { kind: "json", list: true }],
  ["JSON or nothing", { 200: json({ type: "object" }), 304: { description: "" } }, { kind: "json", nullable: true }],
  [
    "JSON of two kinds",
    { 201: json({ type: "object" }), 202: json({ type: "object" }) },
    { schemas: [{ status: "201" }, { status: "202" }] },
  ],
  ["text", { 200: { content: { "text/plain": { schema: { type: "string" } } } } }, { kind: "text", schemas: [] }],
  [
    "bytes",
    { 200: { content: { "application/octet-stream": { schema: { type: "string", format: "binary" } } } } },
    { kind: "binary" },
  ],
  ["nothing", { 204: { description: "" } }, { kind: "empty" }],
])("an answer of %s", async (_, responses, answer) => {
  expect((await tool({ responses })).answer).toMatchObject(answer);
});
