import { StructureKind } from "ts-morph";
import type { AnswerModel, AreaModel, Facts, ParameterModel, ToolModel } from "../model.js";
import { inputDeclaration } from "./input-type.js";
import type { Module } from "./modules.js";
import { call, data, exportedConst, exportedType, importNames, object, shortObject, source } from "./source.js";
import type { Source } from "./source.js";
import { sayAll, type Words } from "./words.js";

/** The module of an area: for each tool its input, its data, and itself. */
export function toolModule(area: AreaModel): Module {
  const answers = area.tools.map(({ answer }) => answer);
  const functions = new Set(answers.map(functionOf));
  return [
    ...(answers.some(({ schemas }) => schemas.length > 0) ? [importNames(["operations"], "../openapi.js", true)] : []),
    importNames([...functions].sort(), "../../src/tools/definition.js"),
    ...(answers.some(({ kind }) => kind === "binary")
      ? [importNames(["Download"], "../../src/tools/download.js", true)]
      : []),
    { kind: StructureKind.ImportDeclaration, namespaceImport: "s", moduleSpecifier: "../../src/tools/schema.js" },
    ...area.tools.flatMap(toolStatements),
  ];
}

const functionOf = (answer: AnswerModel): string => (answer.list ? "listTool" : "tool");
const pascalCase = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

function toolStatements(tool: ToolModel): Module {
  const base = pascalCase(tool.functionName);
  const input = `${base}Input`;
  const output = tool.answer.list ? `${base}Item` : `${base}Data`;
  const result = `What {@link ${tool.functionName}} brings back${tool.answer.list ? ", item by item" : ""}.`;
  // Bundlers may drop a pure call whose result is not used.
  const made = call(`/* @__PURE__ */ ${functionOf(tool.answer)}<${input}, ${output}>`, definition(tool));
  return [
    inputDeclaration(input, tool),
    exportedType(output, answerType(tool), result),
    exportedConst(tool.functionName, made, documentation(tool)),
  ];
}

/** The type of the answer in `openapi.ts`, or of what the runtime makes of it. */
function answerType({ answer, operationId }: ToolModel): string {
  switch (answer.kind) {
    case "empty":
      return "null";
    case "text":
      return "string";
    case "binary":
      return "Download";
    default: {
      const types = answer.schemas.map(({ status, contentType }) => {
        const keys = [operationId, "responses", Number(status), "content", contentType];
        return `operations${keys.map((key) => `[${data(key)}]`).join("")}${answer.list ? "[number]" : ""}`;
      });
      if (types.length === 0) return "unknown";
      return [...types, ...(answer.nullable && !answer.list ? ["null"] : [])].join(" | ");
    }
  }
}

function definition(tool: ToolModel): Source {
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
  const schema = call("s.input", object(Object.entries(sayAll(words, tool.parameters))));
  const members = { ...about, parameters: places, curated, ...groups, ...answer };
  const expressions = Object.entries(members).filter(([, value]) => value !== undefined);
  const described = expressions.map(([key, value]): [string, Source] => [key, data(value)]);
  return object([...described, ["input", source("() => ", schema)]]);
}

function placeOf(parameter: ParameterModel): Record<string, unknown> {
  const { in: where, wire, name, list, keyword, fill, ref, iid } = parameter;
  return { in: where, name: wire === name ? undefined : wire, list, keyword, fill, ref, iid };
}

const word =
  (name: string) =>
  (facts: Facts): Source =>
    call(`s.${name}`, ...factsOf(facts));
const factsOf = (facts: Facts): Source[] => (Object.keys(facts).length > 0 ? [data(facts)] : []);

/** The words as source. */
const words: Words<Source> = {
  integer: word("integer"),
  number: word("number"),
  boolean: word("boolean"),
  text: word("text"),
  date: word("date"),
  dateTime: word("dateTime"),
  iid: word("iid"),
  reference: word("reference"),
  value: word("value"),
  choice: (values, facts) => call("s.choice", data(values), ...factsOf(facts)),
  integerChoice: (values, facts) => call("s.integerChoice", data(values), ...factsOf(facts)),
  list: (item, facts) => call("s.list", item, ...factsOf(facts)),
  array: (item, facts) => call("s.array", item, ...factsOf(facts)),
  record: (value, facts) => call("s.record", value, ...factsOf(facts)),
  object: (properties, facts) => call("s.object", shortObject(Object.entries(properties)), ...factsOf(facts)),
  optional: (type) => call("s.optional", type),
};

/** TSDoc of a tool: the manifest's words, what it needs, and a call. */
function documentation(tool: ToolModel): string {
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
  ].join("\n");
}
