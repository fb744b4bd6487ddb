import { join } from "node:path";
import { expect, test } from "vitest";
import { diffSpec } from "../../codegen/diff-spec.js";
import { updateSpec } from "../../codegen/update-spec.js";
import { api, project, problems, read, sound, write } from "./project.js";

test("says what a document would change for the tools, and writes nothing", async () => {
  const root = await project({ ...sound(), "upstream.yaml": api() });
  const from = join(root, "upstream.yaml");
  await updateSpec({ root, from });
  expect(await diffSpec({ root, from })).toEqual([]);

  const next = api();
  const item = next.paths["/api/v4/projects/{id}/widgets"] ?? {};
  const get = item["get"] as { parameters: { name: string; schema: { enum?: string[] } }[]; deprecated?: boolean };
  get.parameters[1]?.schema.enum?.push("merged");
  get.parameters.splice(2, 1, { name: "cursor", schema: {} });
  Object.assign(get.parameters[2] ?? {}, { in: "query", schema: { type: "string" } });
  get.deprecated = true;
  delete item["post"];
  next.paths["/api/v4/unrelated"] = { get: { operationId: "getUnrelated", responses: {} } };
  const schemas = (next["components"] as { schemas: Record<string, { properties: object }> }).schemas;
  Object.assign(schemas["Widget"]?.properties ?? {}, { size: { type: "integer" }, name: { type: "integer" } });
  await write(root, { "upstream.yaml": next });
  const before = await read(root);
  expect(await diffSpec({ root, from })).toEqual([
    { kind: "removed", where: "gitlab_widget_create", what: "operation postWidgets" },
    { kind: "changed", where: "gitlab_widgets_list", what: "is deprecated now" },
    {
      kind: "changed",
      where: "gitlab_widgets_list",
      what: 'parameter state (query): string {"enum":["open","closed"],"default":"open"} → string {"enum":["open","closed","merged"],"default":"open"}',
    },
    { kind: "removed", where: "gitlab_widgets_list", what: "parameter page (query)" },
    { kind: "added", where: "gitlab_widgets_list", what: "parameter cursor (query): string" },
    { kind: "changed", where: "schema Widget", what: "property name: string → integer" },
    { kind: "added", where: "schema Widget", what: "property size: integer" },
  ]);
  expect(await read(root)).toEqual(before);
});

test("a document that cannot be read is refused", async () => {
  const root = await project({ ...sound(), "upstream.yaml": "swagger: '2.0'" });
  expect(await problems(() => diffSpec({ root, from: join(root, "upstream.yaml") }))).toEqual([
    "upstream.yaml:1:10 is Swagger 2.0; an OpenAPI 3.0 document is needed",
  ]);
});
