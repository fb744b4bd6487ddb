import { StructureKind, type ExportDeclarationStructure } from "ts-morph";
import type { Model, ToolModel } from "../model.js";
import type { Module } from "./modules.js";
import { call, data, exportedConst, exportedType, importNames, object, source, type Source } from "./source.js";

const sortedTools = (model: Model) =>
  model.areas.flatMap(({ tools }) => tools).sort((a, b) => (a.name < b.name ? -1 : 1));
const areaModule = (area: string) => `./tools/${area}.js`;

/** `registry.ts`: every tool as a function, and by its name. */
export function registry(model: Model): Module {
  const areas = model.areas.filter(({ tools }) => tools.length > 0);
  const imports = areas.map(({ name, tools }) =>
    importNames(
      tools.map((tool) => tool.functionName),
      areaModule(name),
    ),
  );
  const exports = areas.map(({ name }): ExportDeclarationStructure => ({
    kind: StructureKind.ExportDeclaration,
    moduleSpecifier: areaModule(name),
  }));
  const tools = object(sortedTools(model).map(({ name, functionName }) => [name, functionName]));
  return [...imports, ...exports, exportedConst("tools", tools, "Every tool by its name.")];
}

/** `tool-names.ts`: the names, and where each tool is, without any of the tools. */
export function toolNames(model: Model): Module {
  const tools = sortedTools(model);
  const names = source(data(tools.map((tool) => tool.name)), " as const");
  const loaders = object(tools.map((tool) => [tool.name, loader(tool)]));
  return [
    exportedConst("toolNames", names, "The names of all tools."),
    exportedType("ToolName", "(typeof toolNames)[number]", "The name of a tool."),
    exportedConst("toolAreas", loaders, "Loads a tool's area when the tool is first needed."),
  ];
}

/** `() => import("./tools/issues.js").then((area) => area.issuesList)` */
function loader({ area, functionName }: ToolModel): Source {
  return source(
    "() => ",
    call("import", data(areaModule(area))),
    call(".then", source("(area) => area.", functionName)),
  );
}
