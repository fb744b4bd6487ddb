import { curatedSchema } from "../../src/tools/json-schema.js";
import { definitionOf, type ToolRow } from "../../src/tools/row.js";
import type { Model, ToolModel } from "../model.js";
import { toolRow } from "./rows.js";

/** The row with what models are shown of it: schemas of the other parameters would be built for nothing. */
function shownRow(tool: ToolModel): ToolRow {
  const row = toolRow(tool);
  const shown = Object.entries(row.parameters).filter(([name]) => row.curated.includes(name));
  return { ...row, parameters: Object.fromEntries(shown) };
}

/** `manifest.json`: the tools as agents see them. */
export function manifestJson(model: Model): string {
  const tools = model.areas
    .flatMap((area) => area.tools)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((tool) => {
      const {
        name,
        title,
        description,
        area,
        level,
        method,
        path,
        access,
        idempotent,
        scopes,
        tier,
        verification,
        role,
      } = tool;
      const groups = {
        ...(tool.exclusive.length > 0 && { exclusive: tool.exclusive }),
        ...(tool.required_one.length > 0 && { required_one: tool.required_one }),
      };
      return {
        name,
        title,
        description,
        area,
        level,
        ...(tool.steps ? { steps: tool.steps } : { method, path }),
        access,
        idempotent,
        scopes,
        tier,
        verification,
        role,
        ...groups,
        inputSchema: curatedSchema(definitionOf(shownRow(tool))),
      };
    });
  const areas = model.areas.map(({ name, title, description }) => ({ name, title, description }));
  return `${JSON.stringify({ gitlab: model.version, areas, tools }, null, 2)}\n`;
}
