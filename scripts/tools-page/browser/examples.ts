import type { PageRow } from "../row.js";

/** Text as one word of a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** A call of the tool, by how it is made; ready to be copied. */
export function callsOf(tool: PageRow): Readonly<Record<string, string>> {
  const { name, functionName, example, http, method } = tool;
  const input = JSON.stringify(example);
  const typescript = [
    `import { ${functionName} } from "gitlab-agent-tools/tools";`,
    "",
    `const { data } = await ${functionName}(gitlab.as("user_ada"), ${literal(example)});`,
  ].join("\n");
  const params = { name, arguments: example };
  return {
    TypeScript: typescript,
    "Command line": `npx gitlab-agent-tools call ${name} --input ${quoted(input)}`,
    MCP: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }, null, 2),
    ...(http && { HTTP: "url" in http ? curl(method, http.url, http.body) : `# POST /api/graphql\n${http.graphql}` }),
  };
}

function curl(method: string, url: string, body: unknown): string {
  const lines = [`curl --request ${method} ${quoted(url)}`, `--header "Authorization: Bearer $GITLAB_TOKEN"`];
  if (body !== undefined)
    lines.push(`--header "Content-Type: application/json"`, `--data ${quoted(JSON.stringify(body))}`);
  return lines.join(" \\\n  ");
}

/** JSON as people write it in TypeScript. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, part]) => `${key}: ${literal(part)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}
