import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { accessOf } from "../../codegen/derive/access.js";
import { nameCandidates } from "../../codegen/derive/name.js";
import { isCallersCredential, secret } from "../../codegen/derive/secrets.js";
import { textOf } from "../../codegen/derive/text.js";
import { explain } from "../../codegen/explain.js";
import { generate } from "../../codegen/generate.js";
import type { Method } from "../../codegen/openapi.js";
import { readVocabulary } from "../../codegen/vocabulary.js";
import { allDefinitions } from "../../src/tools/all-definitions.js";
import { api, createTool, inherited, json, listTool, manifest, project, read, rowsIn } from "./project.js";

const vocabulary = await readVocabulary(process.cwd());

/** A project with an operation that no file mentions. */
async function withGadgets(tools: unknown = { gitlab_widgets_list: listTool, gitlab_widget_create: createTool }) {
  const document = api();
  const id = { name: "id", in: "path", required: true, schema: { type: "string" } };
  const gadget = {
    type: "object",
    properties: {
      id: { type: "integer" },
      title: { type: "string" },
      author: { type: "object", properties: { username: { type: "string" } } },
      token: { type: "string" },
      web_url: { type: "string" },
    },
  };
  document.paths["/api/v4/projects/{id}/gadgets/{gadget_id}"] = {
    get: {
      operationId: "getGadget",
      parameters: [id, { name: "gadget_id", in: "path", required: true, schema: { type: "integer" } }],
      responses: { 200: json(gadget) },
    },
  };
  document.paths["/api/v4/projects/{id}/gadgets/{gadget_id}/frobnicate"] = {
    post: { operationId: "postFrobnicate", parameters: [id], responses: { 201: { description: "Created" } } },
  };
  return project({
    "spec/gitlab.openapi.yaml": document,
    "spec/tools/widgets.yaml": manifest(tools),
    "spec/parameters.yaml": inherited,
    "spec/vocabulary.yaml": await readFile("spec/vocabulary.yaml", "utf8"),
    "spec/selection.yaml": { core: Object.keys(tools as object), include: ["/api/v4/*"] },
  });
}

describe("an operation that no file mentions", () => {
  test("is a tool, with every value derived", async () => {
    const root = await withGadgets();
    expect((await generate({ root })).tools).toBe(4);
    const { "generated/rows/gadgets.ts": rows = "", "docs/api.md": page = "" } = await read(root);
    expect((await rowsIn(rows))["projectGadgetGet"]).toMatchObject({
      name: "gitlab_project_gadget_get",
      description: "Gets a gadget of a project.",
      level: "derived",
      access: "read",
      curated: ["project_id", "gadget_id"],
      view: ["id", "title", "author.username", "web_url"],
      secrets: ["token"],
    });
    expect(page).toContain("### gitlab_project_gadget_get\n");
    expect((await generate({ root, check: true })).changed).toEqual([]);
  });

  test("is destructive where its verb is unknown", async () => {
    const root = await withGadgets();
    await generate({ root });
    const { "generated/rows/gadgets.ts": rows = "", "generated/tools/gadgets.ts": types = "" } = await read(root);
    expect((await rowsIn(rows))["projectGadgetFrobnicate"]).toMatchObject({ access: "destructive" });
    // Nothing is known of its answer.
    expect(types).toContain("export type ProjectGadgetFrobnicateData = unknown;");
  });

  test("says of every value where it comes from", async () => {
    const root = await withGadgets();
    const values = await explain(root, "gitlab_project_gadget_frobnicate");
    expect(values.find(({ field }) => field === "access")).toEqual({
      field: "access",
      value: "destructive",
      origin: { from: "derived", rule: '"frobnicate" is no verb of spec/vocabulary.yaml' },
    });
    const written = await explain(root, "gitlab_widgets_list");
    expect(written.find(({ field }) => field === "description")?.origin).toEqual({
      from: "manifest",
      place: expect.stringMatching(/^spec\/tools\/widgets\.yaml:\d+:\d+$/) as string,
    });
  });

  test("becomes what a few lines of the manifest say; a line that says what is derived is reported", async () => {
    const gadget = { operation: "getGadget", description: "One gadget.", access: "read" };
    const root = await withGadgets({ gitlab_gadget_get: gadget });
    const { redundant } = await generate({ root });
    expect(redundant).toEqual([
      expect.stringMatching(/^spec\/tools\/widgets\.yaml:\d+:\d+ gitlab_gadget_get: "access" says what is derived/),
    ]);
    const { "generated/rows/widgets.ts": rows = "" } = await read(root);
    expect((await rowsIn(rows))["gadgetGet"]).toMatchObject({ name: "gitlab_gadget_get", title: "Get gadget" });
  });
});

describe("the rules, on every tool there is", () => {
  const tools = allDefinitions();

  test("names are unique, short and of one form", () => {
    expect(new Set(tools.map(({ name }) => name)).size).toBe(tools.length);
    for (const { name } of tools) expect(name).toMatch(/^gitlab_[a-z][a-z0-9_]{1,56}$/);
  });

  test("no derived tool takes a name that is kept for another", () => {
    const derived = tools.filter(({ level }) => level === "derived").map(({ name }) => name);
    expect(derived.filter((name) => vocabulary.reserved.includes(name))).toEqual([]);
  });

  test("most of the names that were given by hand would have been derived", () => {
    // What GraphQL has, and what takes several calls, has no path to be named after.
    const given = tools.filter(({ level, graphql, steps }) => level !== "derived" && !graphql && !steps);
    const right = given.filter(({ name, method, path, list = false }) => {
      const place = { path, method: method.toLowerCase() as Method };
      return nameCandidates(place, { list }, vocabulary)[0] === name;
    });
    expect(right.length / given.length).toBeGreaterThanOrEqual(0.88);
  });

  test("what was judged by hand loses no more than it is derived to", () => {
    const ladder = ["read", "write", "destructive"];
    const bolder = tools.filter(({ level, method, path, access }) => {
      const derived = accessOf({ path, method: method.toLowerCase() as Method }, vocabulary).value;
      return level === "derived" && ladder.indexOf(access) < ladder.indexOf(derived);
    });
    expect(bolder.map(({ name }) => name)).toEqual([]);
    for (const { method, access, name } of tools)
      if (method === "DELETE") expect(access, name).toBe("destructive");
      else if (method === "GET" || method === "HEAD") expect(access, name).toBe("read");
  });

  test("derived views have at most 10 fields, and derived tools show at most 12 parameters unless more are required", () => {
    for (const { name, level, view, curated, parameters } of tools.filter((tool) => tool.level === "derived")) {
      expect(level).toBe("derived");
      expect(view.length, name).toBeLessThanOrEqual(10);
      expect(Object.keys(parameters), name).toEqual(expect.arrayContaining([...curated]));
      expect(curated.length, name).toBeLessThanOrEqual(12);
    }
  });

  test("no tool takes what authenticates its caller, and one that demands a credential is offered by name only", () => {
    for (const { name, level = "core", parameters, input, credentials } of tools) {
      const { shape } = input()._zod.def;
      for (const [parameter, place] of Object.entries(parameters)) {
        const wire = place.name ?? parameter;
        const isOptional = shape[parameter]?._zod.def.type === "optional";
        const isSecret = ["query", "body"].includes(place.in) && secret.test(wire);
        if (isSecret && !isOptional && level !== "core") expect(credentials, `${name} ${parameter}`).toBe(true);
        if (isOptional) expect(isCallersCredential({ ...place, wire }), `${name} ${parameter}`).toBe(false);
      }
    }
  });

  test("what the vocabulary says of an operation is of one that there is, and says more than its path does", () => {
    const unsaid = { ...vocabulary, operations: {} };
    const place = new Map(
      tools.map(({ method, path }) => [`${method} ${path.replace("/api/v4", "")}`, { method, path }]),
    );
    for (const [operation, { name, title, description }] of Object.entries(vocabulary.operations)) {
      const { path, method } = place.get(operation) ?? {};
      expect(path, operation).toBeDefined();
      const given = { path: path ?? "", method: (method ?? "").toLowerCase() as Method };
      for (const list of [true, false]) {
        expect(nameCandidates(given, { list }, unsaid)[0], operation).not.toBe(name);
        const { value } = textOf(given, list, unsaid);
        expect([value.title, value.description], operation).not.toContain(title ?? description);
      }
    }
  });

  test("no field of a compact view is a credential", () => {
    for (const { name, view, secrets = [] } of tools.filter((tool) => tool.level === "derived"))
      expect(
        view.filter((field) => secrets.includes(field)),
        name,
      ).toEqual([]);
  });
});
