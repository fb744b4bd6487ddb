import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { applyOverlay } from "../../codegen/overlay.js";
import type { OpenApiDocument } from "../../codegen/openapi.js";
import { parseDocument } from "../../codegen/document.js";
import { YamlSource } from "../../codegen/yaml-source.js";
import { api, problems } from "./project.js";

const document = (): OpenApiDocument => parseDocument("api.yaml", stringify(api())).document;
const list = "$.paths['/api/v4/projects/{id}/widgets'].get";

function overlay(...actions: unknown[]): YamlSource {
  return new YamlSource(
    "spec/overlay.yaml",
    stringify({ overlay: "1.0.0", info: { title: "Corrections", version: "1" }, actions }),
  );
}
const apply = (...actions: unknown[]): OpenApiDocument => applyOverlay(document(), overlay(...actions));

describe("actions", () => {
  test("update merges objects, and appends to arrays", () => {
    const corrected = apply(
      { target: list, description: "Is deprecated", update: { deprecated: true } },
      { target: `${list}.parameters`, description: "Is missing", update: { name: "sort", in: "query" } },
      { target: "$.components.schemas.Widget", description: "Always sent", update: { required: ["id"] } },
      { target: "$.components.schemas.Widget", description: "Also always sent", update: { required: ["name"] } },
    );
    expect(corrected.paths["/api/v4/projects/{id}/widgets"]?.get).toMatchObject({
      deprecated: true,
      operationId: "getWidgets",
    });
    expect(corrected.paths["/api/v4/projects/{id}/widgets"]?.get?.parameters?.at(-1)).toEqual({
      name: "sort",
      in: "query",
    });
    expect(corrected.components?.schemas?.["Widget"]?.required).toEqual(["id", "name"]);
  });

  test("update replaces a single value, and adds several entries to an array", () => {
    const corrected = apply(
      { target: `${list}.parameters[1].schema.default`, description: "Is another", update: "closed" },
      { target: `${list}.parameters[1].schema.enum`, description: "Two more", update: ["merged", "open", "all"] },
    );
    expect(corrected.paths["/api/v4/projects/{id}/widgets"]?.get?.parameters?.[1]).toMatchObject({
      schema: { default: "closed", enum: ["open", "closed", "merged", "all"] },
    });
  });

  test("remove takes away all that match", () => {
    const corrected = apply({
      target: `${list}.parameters[?@.in == 'query']`,
      description: "None of them exist",
      remove: true,
    });
    expect(corrected.paths["/api/v4/projects/{id}/widgets"]?.get?.parameters).toMatchObject([{ name: "id" }]);
  });

  test("copy and remove give a path its right name", () => {
    const corrected = apply(
      { target: "$.paths", description: "The real route", update: { "/api/v4/widgets": {} } },
      {
        target: "$.paths['/api/v4/widgets']",
        description: "The real route",
        copy: "$.paths['/api/v4/projects/{id}/widgets']",
      },
      { target: "$.paths['/api/v4/projects/{id}/widgets']", description: "No route", remove: true },
    );
    expect(Object.keys(corrected.paths)).toEqual(["/api/v4/widgets"]);
  });

  test("the document itself stays as it was", () => {
    const before = document();
    applyOverlay(before, overlay({ target: list, description: "x", update: { deprecated: true } }));
    expect(before).toEqual(document());
  });
});

describe("refused, with the action's line and reason", () => {
  const fine = { target: list, description: "Fine", update: { deprecated: true } };
  test.each<[string, unknown, RegExp]>([
    [
      "a target that matches nothing",
      { target: "$.paths['/gone'].get", description: "It was wrong", update: { a: 1 } },
      /^spec\/overlay\.yaml:10:13 action 2 \(It was wrong\): target \$\.paths\['\/gone'\]\.get matches nothing in the specification; correct or delete the action$/,
    ],
    [
      "an update that changes nothing",
      { target: list, description: "It was wrong", update: { operationId: "getWidgets" } },
      /:10:13 action 2 \(It was wrong\): changes nothing: the specification says so already; delete the action$/,
    ],
    [
      "an entry that is there already",
      { target: `${list}.parameters[1].schema.enum`, description: "It was missing", update: "open" },
      /action 2 \(It was missing\): changes nothing/,
    ],
    [
      "no JSONPath",
      { target: "$.paths[", description: "x", remove: true },
      /action 2 \(x\): target \$\.paths\[ is not JSONPath: /,
    ],
    [
      "a scalar updated with a mapping",
      { target: "$.openapi", description: "x", update: {} },
      /the target is a single value/,
    ],
    [
      "an update that does not fit",
      { target: list, description: "x", update: { responses: "none" } },
      /update does not fit what is at #\/paths\/~1api~1v4~1projects~1\{id\}~1widgets\/get\/responses; remove that first$/,
    ],
    ["an object updated with text", { target: list, description: "x", update: "y" }, /update has to be a mapping/],
    ["no reason", { target: list, update: { deprecated: true } }, /:10:5 "description" is missing$/],
    ["an empty reason", { target: list, description: " ", update: {} }, /:11:18 "description" /],
    ["neither update nor remove", { target: list, description: "x" }, /needs one of update, remove: true and copy$/],
    [
      "both",
      { target: list, description: "x", update: {}, remove: true },
      /needs one of update, remove: true and copy$/,
    ],
    [
      "an unknown key",
      { target: list, description: "x", updates: {} },
      /:12:5 unknown key "updates"; did you mean "update"\?$/,
    ],
    ["the whole document", { target: "$", description: "x", remove: true }, /removes the whole document/],
  ])("%s", async (_, action, message) => {
    const lines = await problems(() => apply(fine, action));
    expect(lines).toContainEqual(expect.stringMatching(message));
  });

  test("all of them at once", async () => {
    const gone = (name: string): unknown => ({ target: `$.paths.${name}`, description: name, remove: true });
    expect(await problems(() => apply(gone("a"), gone("b")))).toHaveLength(2);
  });
});
