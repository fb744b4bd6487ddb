import ts from "typescript";
import type { Model, ToolModel } from "../model.js";
import { format } from "./format.js";
import {
  asConst,
  data,
  documented,
  exportedConst,
  exportedType,
  importNames,
  object,
  print,
  propertyName,
  text,
  thunk,
} from "./syntax.js";

const { factory } = ts;

const sortedTools = (model: Model) =>
  model.areas.flatMap(({ tools }) => tools).sort((a, b) => (a.name < b.name ? -1 : 1));

/** `registry.ts`: every tool as a function, and by its name. */
export function registry(model: Model): Promise<string> {
  const areas = model.areas.filter(({ tools }) => tools.length > 0);
  const imports = areas.map(({ name, tools }) =>
    importNames(
      tools.map((tool) => tool.functionName),
      `./tools/${name}.js`,
      false,
    ),
  );
  const exports = areas.map(({ name }) =>
    factory.createExportDeclaration(undefined, false, undefined, text(`./tools/${name}.js`)),
  );
  const members = sortedTools(model).map(({ name, functionName }) =>
    factory.createPropertyAssignment(propertyName(name), factory.createIdentifier(functionName)),
  );
  const tools = exportedConst("tools", factory.createObjectLiteralExpression(members, true));
  return format(print([...imports, ...exports, documented(tools, ["Every tool by its name."])]));
}

/** `tool-names.ts`: the names, and where each tool is, without any of the tools. */
export function toolNames(model: Model): Promise<string> {
  const tools = sortedTools(model);
  const name = exportedConst("toolNames", asConst(data(tools.map((tool) => tool.name))));
  const indexed = factory.createIndexedAccessTypeNode(
    factory.createParenthesizedType(factory.createTypeQueryNode(factory.createIdentifier("toolNames"))),
    factory.createKeywordTypeNode(ts.SyntaxKind.NumberKeyword),
  );
  const loaders = exportedConst(
    "toolAreas",
    object(
      tools.map((tool) => [tool.name, loader(tool)]),
      true,
    ),
  );
  return format(
    print([
      documented(name, ["The names of all tools."]),
      documented(exportedType("ToolName", indexed), ["The name of a tool."]),
      documented(loaders, ["Loads a tool's area when the tool is first needed."]),
    ]),
  );
}

/** `() => import("./tools/issues.js").then((area) => area.issuesList)` */
function loader({ area, functionName }: ToolModel): ts.Expression {
  const imported = factory.createCallExpression(
    factory.createToken(ts.SyntaxKind.ImportKeyword) as ts.Expression,
    undefined,
    [text(`./tools/${area}.js`)],
  );
  const parameter = factory.createParameterDeclaration(undefined, undefined, "area");
  const member = factory.createPropertyAccessExpression(factory.createIdentifier("area"), functionName);
  const pick = factory.createArrowFunction(undefined, undefined, [parameter], undefined, undefined, member);
  return thunk(
    factory.createCallExpression(factory.createPropertyAccessExpression(imported, "then"), undefined, [pick]),
  );
}
