import { cp, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { transform } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { generate, type GenerateResult } from "../../codegen/generate.js";
import { toolNames } from "../../generated/tool-names.js";
import { countCalls } from "./count-calls.js";
import { api, createTool, json, listTool, manifest, project, read, sound, write, rowsIn } from "./project.js";

const repository = fileURLToPath(new URL("../..", import.meta.url));

describe("the package's own spec/", () => {
  let elsewhere: string;
  let result: GenerateResult;
  beforeAll(async () => {
    elsewhere = await mkdtemp(join(tmpdir(), "generated-"));
    await cp(join(repository, "spec"), join(elsewhere, "spec"), { recursive: true });
    result = await generate({ root: elsewhere });
  }, 120_000);
  afterAll(() => rm(elsewhere, { recursive: true, force: true }));

  test("makes what is committed, byte for byte, in whichever folder (npm run generate)", async () => {
    const [made, committed] = [await read(join(elsewhere, "generated")), await read(join(repository, "generated"))];
    expect(Object.keys(made)).toEqual(Object.keys(committed));
    expect(result.files.filter((file) => file.startsWith("generated/"))).toHaveLength(Object.keys(made).length);
    for (const file of result.files) {
      const [text, expected] = await Promise.all([elsewhere, repository].map((root) => readFile(join(root, file))));
      expect(text?.equals(expected ?? Buffer.of()), file).toBe(true);
    }
  });

  test("says nothing that is derived", () => {
    expect(result.redundant).toEqual([]);
    // A list that the document declares as one object has to be corrected.
    expect(result.notes.filter((note) => note.includes("takes page and per_page"))).toEqual([]);
  });
});

describe("on disk", () => {
  test("nothing is written when nothing changed", async () => {
    const root = await project(sound());
    const first = await generate({ root });
    expect(first.changed).toEqual(first.files);
    const before = await Promise.all(first.files.map(async (file) => (await stat(join(root, file))).mtimeMs));
    expect((await generate({ root })).changed).toEqual([]);
    expect(await Promise.all(first.files.map(async (file) => (await stat(join(root, file))).mtimeMs))).toEqual(before);
  });

  test("--check names what is stale and writes nothing", async () => {
    const root = await project(sound());
    await generate({ root });
    await write(root, { "generated/registry.ts": "// edited\n", "generated/tools/gone.ts": "export {};\n" });
    const before = await read(root);
    expect((await generate({ root, check: true })).changed).toEqual([
      "generated/registry.ts",
      "generated/tools/gone.ts",
    ]);
    expect(await read(root)).toEqual(before);
  });

  test("a renamed tool keeps its old name, which leads to what it is called now", async () => {
    const renamed = { ...listTool, aliases: ["gitlab_gizmos_list"] };
    const root = await project({ ...sound(), "spec/tools/widgets.yaml": manifest({ gitlab_widgets_list: renamed }) });
    await generate({ root });
    const made = await read(root);
    expect(made["generated/tool-names.ts"]).toContain('gitlab_gizmos_list: "gitlab_widgets_list",');
    expect(made["docs/api.md"]).toContain("Once called gitlab_gizmos_list.");
    expect(made["generated/registry.ts"]).not.toContain("gizmos");
  });

  test("files that nothing makes any more go", async () => {
    const root = await project(sound());
    await generate({ root });
    await write(root, { "generated/tools/gone.ts": "export {};\n" });
    expect(await generate({ root })).toMatchObject({
      changed: ["generated/tools/gone.ts"],
      removed: ["generated/tools/gone.ts"],
    });
    expect(await read(root)).not.toHaveProperty(["generated/tools/gone.ts"]);
  });

  test("no trace of an unfinished write is left, and a failure leaves the old files", async () => {
    const root = await project(sound());
    await generate({ root });
    const before = await read(root);
    await write(root, {
      "spec/tools/widgets.yaml": manifest({ gitlab_widgets_list: { ...listTool, curated: ["nothing"] } }),
    });
    await expect(generate({ root })).rejects.toThrow(/no parameter "nothing"/);
    expect({ ...(await read(root)), "spec/tools/widgets.yaml": "" }).toEqual({
      ...before,
      "spec/tools/widgets.yaml": "",
    });
  });
});

test("patterns that JavaScript cannot compile are dropped, with a note", async () => {
  const document = api();
  const get = document.paths["/api/v4/projects/{id}/widgets"]?.["get"] as { parameters: object[] };
  get.parameters.push({ name: "hex", in: "query", schema: { type: "string", pattern: "\\A\\h+\\z" } });
  get.parameters.push({ name: "slug", in: "query", schema: { type: "string", pattern: "\\A(?<!-)[a-z]+\\z" } });
  const root = await project(sound(document));
  const { notes } = await generate({ root });
  const files = await read(root);
  expect(notes).toEqual([
    "#/paths/~1api~1v4~1projects~1{id}~1widgets/get/parameters/3/schema: the pattern \\A\\h+\\z cannot be compiled by JavaScript: dropped",
  ]);
  const { widgetsList } = await rowsIn(files["generated/rows/widgets.ts"]);
  expect(widgetsList?.parameters).toMatchObject({
    slug: { in: "query", type: "text", pattern: "^(?<!-)[a-z]+$" },
    hex: { in: "query", type: "text" },
  });
  expect(widgetsList?.parameters["hex"]).not.toHaveProperty("pattern");
  expect(files["generated/openapi.json"]).not.toContain("\\\\h");
});

test("text cannot break out of comments and strings", async () => {
  const description = 'Ends a comment */ throw new Error("x"); /* `${process.exit()}` "quoted" … ü ` \\';
  const root = await project({
    ...sound(),
    "spec/tools/widgets.yaml": manifest({
      gitlab_widgets_list: { ...listTool, description, parameters: { state: { description } } },
      gitlab_widget_create: createTool,
    }),
  });
  await generate({ root });
  const files = await read(root);
  for (const name of ["generated/tools/widgets.ts", "generated/registry.ts"]) {
    expect(files[name]).toContain("Ends a comment *\\/ throw");
    expect(files[name]).toContain("… ü");
    await expect(transform(files[name] ?? "", { loader: "ts" }), name).resolves.toBeDefined();
  }
  const { widgetsList } = await rowsIn(files["generated/rows/widgets.ts"]);
  expect(widgetsList).toMatchObject({ description, parameters: { state: { description } } });
});

test("an area that is called like a word of the language makes modules that parse", async () => {
  const root = await project({ ...sound(), "spec/tools/widgets.yaml": { ...(manifest() as object), area: "import" } });
  await generate({ root });
  const files = Object.entries(await read(root)).filter(([name]) => name.endsWith(".ts"));
  for (const [name, source] of files) await expect(transform(source, { loader: "ts" }), name).resolves.toBeDefined();
});

test("the work grows linearly with the specification", async () => {
  const work = async (count: number): Promise<number> => {
    const document = api();
    const schemas = (document["components"] as { schemas: Record<string, unknown> }).schemas;
    const tools: Record<string, unknown> = { gitlab_widgets_list: listTool, gitlab_widget_create: createTool };
    for (let index = 0; index < count; index += 1) {
      schemas[`Extra${index}`] = {
        type: "object",
        properties: { id: { type: "integer" }, next: { $ref: `#/components/schemas/Extra${Math.max(0, index - 1)}` } },
      };
      document.paths[`/api/v4/extra${index}`] = {
        get: {
          operationId: `getExtra${index}`,
          parameters: [{ name: "q", in: "query", schema: { type: "string" } }],
          responses: { 200: json({ $ref: `#/components/schemas/Extra${index}` }) },
        },
      };
      tools[`gitlab_extra${index}_get`] = {
        ...listTool,
        operation: `getExtra${index}`,
        curated: ["q"],
        view: ["id", "next.id"],
      };
    }
    const root = await project({ ...sound(document), "spec/tools/widgets.yaml": manifest(tools) });
    return countCalls("/codegen/", () => generate({ root }));
  };
  const [none, some, many] = [await work(0), await work(25), await work(100)];
  // Four times the operations, four times the work, and a little for sorting; quadratic growth would be sixteen times.
  expect((many - none) / (some - none)).toBeLessThan(4.1);
});

describe("manifest.json", () => {
  interface Exported {
    tools: {
      name: string;
      title: string;
      description: string;
      area: string;
      access: string;
      scopes: string[];
      inputSchema: Record<string, unknown>;
    }[];
  }
  let exported: Exported;
  beforeAll(async () => {
    exported = JSON.parse(await readFile(join(repository, "generated/manifest.json"), "utf8")) as Exported;
  });

  test("has every tool with its schema, which a validator compiles", () => {
    expect(exported.tools.map(({ name }) => name)).toEqual([...toolNames]);
    const ajv = new Ajv2020({ strict: false, validateFormats: false, code: { optimize: false } });
    for (const { name, inputSchema } of exported.tools) {
      expect(() => ajv.compile(inputSchema), name).not.toThrow();
      expect(inputSchema, name).toMatchObject({ type: "object", additionalProperties: false });
    }
  });

  test("has no $ref, no empty schema, no array without items", () => {
    const bad: string[] = [];
    const visit = (schema: unknown, path: string): void => {
      if (typeof schema !== "object" || schema === null) return;
      const node = schema as Record<string, unknown>;
      if (Object.keys(node).length === 0) bad.push(`${path} is empty`);
      if ("$ref" in node) bad.push(`${path} has $ref`);
      if (node["type"] === "array" && !node["items"]) bad.push(`${path} has no items`);
      for (const [name, property] of Object.entries(node["properties"] ?? {})) visit(property, `${path}.${name}`);
      visit(node["items"], `${path}[]`);
      visit(node["additionalProperties"], `${path}.*`);
      for (const union of ["anyOf", "oneOf", "allOf"])
        for (const [index, part] of ((node[union] ?? []) as unknown[]).entries())
          visit(part, `${path}.${union}${index}`);
    };
    for (const { name, inputSchema } of exported.tools) visit(inputSchema, name);
    expect(bad).toEqual([]);
  });
});

test("the manifest's JSON Schema accepts the manifest", async () => {
  const files = await read(join(repository, "spec"));
  const compiled = (schema: string): ValidateFunction =>
    new Ajv({ strict: false }).compile(JSON.parse(files[schema] ?? "{}") as object);
  const validate = (check: ValidateFunction, file: string): void => {
    expect(check(parse(files[file] ?? "")), `${file} ${stringify(check.errors)}`).toBe(true);
  };
  const check = compiled("manifest.schema.json");
  for (const file of Object.keys(files).filter((name) => name.startsWith("tools/"))) {
    validate(check, file);
    expect(files[file]?.split("\n")[0]).toBe("# yaml-language-server: $schema=../manifest.schema.json");
  }
  validate(compiled("parameters.schema.json"), "parameters.yaml");
});
