import type { AnswerModel, AreaModel, ToolModel } from "../model.js";
import { inputDeclaration } from "./input-type.js";
import { workflowModule } from "./rows.js";
import { data, docs, header } from "./source.js";

/** Where the library's own types are, seen from a module of tools. */
const own = { download: "../../src/http/download.js", file: "../../src/tools/file-input.js" } as const;

/** The types of an area: for each tool that of its input, and that of its data. */
export function toolModule(area: AreaModel, from: Readonly<Record<keyof typeof own, string>> = own): string {
  const answers = area.tools.map(({ answer }) => answer);
  return [
    header,
    answers.some(({ schemas }) => schemas.length > 0) ? 'import type { operations } from "../openapi.js";\n' : "",
    answers.some(({ type }) => type?.includes("graphql.") === true)
      ? 'import type * as graphql from "../graphql.js";\n'
      : "",
    answers.some(({ kind }) => kind === "binary") ? `import type { Download } from ${data(from.download)};\n` : "",
    area.tools.some(({ parameters }) => parameters.some(({ type }) => type.kind === "file"))
      ? `import type { FileInput } from ${data(from.file)};\n`
      : "",
    ...area.tools.flatMap(toolTypes).map((statement) => `\n${statement}`),
  ].join("");
}

export const functionOf = (answer: AnswerModel): "listTool" | "tool" => (answer.list ? "listTool" : "tool");
const pascalCase = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** What a tool's types are called. */
const typesOf = ({ functionName, answer }: ToolModel): { readonly input: string; readonly output: string } => {
  const base = pascalCase(functionName);
  return { input: `${base}Input`, output: answer.list ? `${base}Item` : `${base}Data` };
};

function toolTypes(tool: ToolModel): string[] {
  const { input, output } = typesOf(tool);
  const result = `What \`${tool.functionName}\` brings back${tool.answer.list ? ", item by item" : ""}.`;
  return [inputDeclaration(input, tool), `${docs(result)}export type ${output} = ${answerType(tool)};\n`];
}

/** A tool as a function of its row. Bundlers may drop a pure call whose result is not used. */
export function toolFunction(tool: ToolModel, types: string, rows: string): string {
  const { functionName, answer } = tool;
  const { input, output } = typesOf(tool);
  const made = `${functionOf(answer)}<${types}.${input}, ${types}.${output}>(${rows}.${functionName})`;
  return `${docs(documentation(tool))}export const ${functionName} = /* @__PURE__ */ ${made};\n`;
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
