import ts from "typescript";
import type { AnswerModel, AreaModel, Facts, ParameterModel, ToolModel } from "../model.js";
import { format } from "./format.js";
import { inputDeclaration } from "./input-type.js";
import {
  call,
  data,
  documented,
  exportedConst,
  exportedType,
  importAll,
  importNames,
  object,
  print,
  pure,
  text,
  thunk,
  union,
} from "./syntax.js";
import { sayAll, type Words } from "./words.js";

const { factory } = ts;

/** The module of an area: for each tool its input, its data, and itself. */
export function toolModule(area: AreaModel): Promise<string> {
  const statements = area.tools.flatMap(toolStatements);
  const answers = area.tools.map(({ answer }) => answer);
  const functions = new Set(answers.map(functionOf));
  const imports = [
    ...(answers.some(({ schemas }) => schemas.length > 0) ? [importNames(["operations"], "../openapi.js", true)] : []),
    importNames([...functions].sort(), "../../src/tools/definition.js", false),
    ...(answers.some(({ kind }) => kind === "binary")
      ? [importNames(["Download"], "../../src/tools/download.js", true)]
      : []),
    importAll("s", "../../src/tools/schema.js"),
  ];
  return format(print([...imports, ...statements]));
}

const functionOf = (answer: AnswerModel): string => (answer.list ? "listTool" : "tool");
const pascalCase = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

function toolStatements(tool: ToolModel): ts.Statement[] {
  const base = pascalCase(tool.functionName);
  const input = `${base}Input`;
  const output = tool.answer.list ? `${base}Item` : `${base}Data`;
  const types = [factory.createTypeReferenceNode(input), factory.createTypeReferenceNode(output)];
  const made = pure(call(undefined, functionOf(tool.answer), [definition(tool)], types));
  return [
    documented(inputDeclaration(input, tool), [`Input of {@link ${tool.functionName}}.`]),
    documented(exportedType(output, answerType(tool)), [
      `What {@link ${tool.functionName}} brings back${tool.answer.list ? ", item by item" : ""}.`,
    ]),
    documented(exportedConst(tool.functionName, made), documentation(tool)),
  ];
}

/** The type of the answer in `openapi.ts`, or of what the runtime makes of it. */
function answerType({ answer, operationId }: ToolModel): ts.TypeNode {
  const nothing = factory.createLiteralTypeNode(factory.createNull());
  switch (answer.kind) {
    case "empty":
      return nothing;
    case "text":
      return factory.createKeywordTypeNode(ts.SyntaxKind.StringKeyword);
    case "binary":
      return factory.createTypeReferenceNode("Download");
    default: {
      const types = answer.schemas.map(({ status, contentType }) =>
        [operationId, "responses", Number(status), "content", contentType].reduce<ts.TypeNode>(
          (parent, key) => factory.createIndexedAccessTypeNode(parent, indexType(key)),
          factory.createTypeReferenceNode("operations"),
        ),
      );
      if (types.length === 0) return factory.createKeywordTypeNode(ts.SyntaxKind.UnknownKeyword);
      const item = factory.createKeywordTypeNode(ts.SyntaxKind.NumberKeyword);
      if (answer.list) return union(types.map((type) => factory.createIndexedAccessTypeNode(type, item)));
      return union(answer.nullable ? [...types, nothing] : types);
    }
  }
}

function indexType(key: string | number): ts.TypeNode {
  return factory.createLiteralTypeNode(typeof key === "number" ? factory.createNumericLiteral(key) : text(key));
}

function definition(tool: ToolModel): ts.Expression {
  const {
    name,
    title,
    description,
    area,
    method,
    path,
    access,
    idempotent,
    tier,
    verification,
    role,
    scopes,
    curated,
    view,
    keywords,
  } = tool;
  const about = { name, title, description, area, method, path, access, idempotent, tier, verification, role, scopes };
  const places = Object.fromEntries(tool.parameters.map((parameter) => [parameter.name, placeOf(parameter)]));
  const groups = {
    exclusive: tool.exclusive.length > 0 ? tool.exclusive : undefined,
    required_one: tool.required_one.length > 0 ? tool.required_one : undefined,
  };
  const answer = { answer: tool.answer.kind, list: tool.answer.list ? true : undefined, view, keywords };
  const schema = call("s", "input", [object(Object.entries(sayAll(source, tool.parameters)), true)]);
  const members = { ...about, parameters: places, curated, ...groups, ...answer };
  const expressions = Object.entries(members).filter(([, value]) => value !== undefined);
  const described = expressions.map(([key, value]): [string, ts.Expression] => [key, data(value)]);
  return object([...described, ["input", thunk(schema)]], true);
}

function placeOf(parameter: ParameterModel): Record<string, unknown> {
  const { in: where, wire, name, list, keyword, fill, ref, iid } = parameter;
  return { in: where, name: wire === name ? undefined : wire, list, keyword, fill, ref, iid };
}

const word =
  (name: string) =>
  (facts: Facts): ts.Expression =>
    call("s", name, factsOf(facts));
const factsOf = (facts: Facts): ts.Expression[] => (Object.keys(facts).length > 0 ? [data(facts)] : []);

/** The words as source. */
const source: Words<ts.Expression> = {
  integer: word("integer"),
  number: word("number"),
  boolean: word("boolean"),
  text: word("text"),
  date: word("date"),
  dateTime: word("dateTime"),
  iid: word("iid"),
  reference: word("reference"),
  value: word("value"),
  choice: (values, facts) => call("s", "choice", [data(values), ...factsOf(facts)]),
  integerChoice: (values, facts) => call("s", "integerChoice", [data(values), ...factsOf(facts)]),
  list: (item, facts) => call("s", "list", [item, ...factsOf(facts)]),
  array: (item, facts) => call("s", "array", [item, ...factsOf(facts)]),
  record: (value, facts) => call("s", "record", [value, ...factsOf(facts)]),
  object: (properties, facts) => call("s", "object", [object(Object.entries(properties)), ...factsOf(facts)]),
  optional: (type) => call("s", "optional", [type]),
};

/** TSDoc of a tool: the manifest's words, what it needs, and a call. */
function documentation(tool: ToolModel): string[] {
  const needs = [
    tool.tier && `GitLab ${pascalCase(tool.tier)}`,
    tool.role !== undefined && `access level ${tool.role}`,
    tool.verification && "on GitLab.com a verified identity",
  ].filter((need) => typeof need === "string");
  const required = tool.parameters.filter((parameter) => parameter.required).map((parameter) => parameter.name);
  const input = required.length > 0 ? `{ ${required.join(", ")} }` : "{}";
  const example = tool.answer.list
    ? `for await (const item of ${tool.functionName}.pages(account, ${input})) console.log(item);`
    : tool.answer.kind === "empty"
      ? `await ${tool.functionName}(account, ${input});`
      : `const { data } = await ${tool.functionName}(account, ${input});`;
  return [
    tool.description,
    "",
    `\`${tool.method} ${tool.path}\`; ${tool.access}; OAuth scope ${tool.scopes.map((scope) => `\`${scope}\``).join(" or ")}.`,
    ...(needs.length > 0 ? [`Needs ${needs.join(", ")}.`] : []),
    ...(tool.deprecated ? ["", "@deprecated by GitLab."] : []),
    "",
    "@throws GitLabToolError",
    "@example",
    "```ts",
    example,
    "```",
  ];
}
