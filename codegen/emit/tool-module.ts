import type { AnswerModel, AreaModel, ToolModel } from "../model.js";
import { inputDeclaration } from "./input-type.js";
import { workflowModule } from "./rows.js";
import { data, docs, header } from "./source.js";

/** Where the library's own modules are, seen from a module of tools. */
const own = {
  tools: "../../src/tools/tool.js",
  download: "../../src/http/download.js",
  file: "../../src/tools/file-input.js",
} as const;

/** The module of an area: for each tool the type of its input, the type of its data, and its function. */
export function toolModule(area: AreaModel, from: Readonly<Record<keyof typeof own, string>> = own): string {
  const answers = area.tools.map(({ answer }) => answer);
  const functions = [...new Set(answers.map(functionOf))].sort();
  return [
    header,
    answers.some(({ schemas }) => schemas.length > 0) ? 'import type { operations } from "../openapi.js";\n' : "",
    answers.some(({ type }) => type?.includes("graphql.") === true)
      ? 'import type * as graphql from "../graphql.js";\n'
      : "",
    `import { ${functions.join(", ")} } from ${data(from.tools)};\n`,
    answers.some(({ kind }) => kind === "binary") ? `import type { Download } from ${data(from.download)};\n` : "",
    area.tools.some(({ parameters }) => parameters.some(({ type }) => type.kind === "file"))
      ? `import type { FileInput } from ${data(from.file)};\n`
      : "",
    `import * as rows from "../rows/${area.name}.js";\n`,
    ...area.tools.flatMap(toolStatements).map((statement) => `\n${statement}`),
  ].join("");
}

const functionOf = (answer: AnswerModel): string => (answer.list ? "listTool" : "tool");
const pascalCase = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

function toolStatements(tool: ToolModel): string[] {
  const { functionName, answer } = tool;
  const base = pascalCase(functionName);
  const input = `${base}Input`;
  const output = answer.list ? `${base}Item` : `${base}Data`;
  const result = `What {@link ${functionName}} brings back${answer.list ? ", item by item" : ""}.`;
  return [
    inputDeclaration(input, tool),
    `${docs(result)}export type ${output} = ${answerType(tool)};\n`,
    // Bundlers may drop a pure call whose result is not used.
    `${docs(documentation(tool))}export const ${functionName} = /* @__PURE__ */ ${functionOf(answer)}<${input}, ${output}>(rows.${functionName});\n`,
  ];
}

/** The type of the answer in `openapi.ts`, or of what the runtime makes of it. */
function answerType(tool: ToolModel): string {
  const { answer, operationId, steps } = tool;
  if (steps) return `Awaited<ReturnType<typeof import(${data(workflowModule(tool, "../../"))}).run>>`;
  if (answer.type !== undefined) return answer.type;
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

/** What a tool sends, for people. */
const callsOf = ({ method, path, steps, graphql, access, operationId }: ToolModel): string => {
  if (steps) return `Calls ${steps.map((step) => `\`${step}\``).join(", ")}`;
  return graphql ? `\`${access === "read" ? "query" : "mutation"} ${operationId}\`` : `\`${method} ${path}\``;
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
    `${callsOf(tool)}; ${tool.access}; OAuth scope ${tool.scopes.map((scope) => `\`${scope}\``).join(" or ")}.`,
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
