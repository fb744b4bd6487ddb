import type { ZodMiniType } from "zod/mini";
import { curatedSchema } from "../../src/tools/json-schema.js";
import * as words from "../../src/tools/schema.js";
import type { Model, ToolModel } from "../model.js";
import { sayAll, type Words } from "./words.js";

const schemas: Words<ZodMiniType> = words;

/** `manifest.json`: the tools as agents see them. */
export function manifestJson(model: Model): string {
  const tools = model.areas
    .flatMap((area) => area.tools)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((tool) => {
      const { name, title, description, area, access, idempotent, scopes, tier, verification, role } = tool;
      const groups = {
        ...(tool.exclusive.length > 0 && { exclusive: tool.exclusive }),
        ...(tool.required_one.length > 0 && { required_one: tool.required_one }),
      };
      return {
        name,
        title,
        description,
        area,
        access,
        idempotent,
        scopes,
        tier,
        verification,
        role,
        ...groups,
        inputSchema: inputSchema(tool),
      };
    });
  const areas = model.areas.map(({ name, title, description }) => ({ name, title, description }));
  return `${JSON.stringify({ gitlab: model.version, areas, tools }, null, 2)}\n`;
}

/** JSON Schema of the curated input, made as the runtime makes it. */
function inputSchema(tool: ToolModel): unknown {
  const { operationId: _o, functionName: _f, deprecated: _d, parameters, answer, ...about } = tool;
  return curatedSchema({
    ...about,
    parameters: {},
    answer: answer.kind,
    input: () => words.input(sayAll(schemas, parameters)),
  });
}
