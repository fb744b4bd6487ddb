import * as z from "zod/mini";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { ParameterPlace, ToolDefinition } from "../definition/definition.js";
import { pathProblem } from "../policy/reference.js";

/** A request to any path of the instance's REST API, for what no tool does. */
export interface RawRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below `/api/v4`, with or without that: `/projects/{id}/wikis`, or with values in it, URL-encoded. */
  readonly path: string;
  /** Values of the path's placeholders, not yet encoded. */
  readonly pathParameters?: Readonly<Record<string, string | number>>;
  /** Lists become `name[]=a&name[]=b`, objects `name[key]=…`. */
  readonly query?: Readonly<Record<string, unknown>>;
  /** Sent as JSON. */
  readonly body?: Readonly<Record<string, unknown>>;
}

const methods: ReadonlySet<unknown> = new Set(["GET", "POST", "PUT", "PATCH", "DELETE"]);
const options: ReadonlySet<string> = new Set(["method", "path", "pathParameters", "query", "body"]);

/** Parts of paths that undo or hand over: a change there is as good as a deletion. */
const destructive =
  /^(?:transfer|erase|block|ban|deactivate|reject|prune|rotate|revoke|reset|archive|move|merge|merged_branches|stop|purge|delete|remove|unpublish|cancel|housekeeping)/;

/** Names that may lead beyond the project or group of the path, in parameters and as parts of the path. */
const leading =
  /project|group|namespace|parent|epic|fork|url|path|include|lint|with_|shared|target|source|from|to_|config|import|mirror|link|relat|ancestor|move|clone|transfer|user|invit|member/i;

const name = "gitlab_request";

function refuse(field: string, message: string): GitLabToolError {
  return new GitLabToolError({
    code: "invalid_input",
    message: `The request cannot be made: ${field}: ${message}.`,
    hint: `Nothing was sent. Correct ${field}.`,
    toolName: name,
    details: { fields: [{ field, message }] },
  });
}

/**
 * A raw request as a tool's definition and its input: from there on it goes the way of every call, policies included.
 * What nothing is known of counts as the worst: under an allow-list, names that look as if they led elsewhere lead out.
 *
 * @throws {GitLabToolError} `invalid_input`
 */
export function rawTool(request: RawRequest): { definition: ToolDefinition; input: Record<string, unknown> } {
  if (typeof request !== "object" || request === null) throw refuse("request", "expected { method, path, … }");
  const unknown = Object.keys(request).find((option) => !options.has(option));
  if (unknown !== undefined) throw refuse(unknown.slice(0, 40), "there is no such option");
  const { method, path, pathParameters = {}, query = {}, body = {} } = request;
  if (!methods.has(method)) throw refuse("method", "expected GET, POST, PUT, PATCH or DELETE");
  const parameters: Record<string, ParameterPlace> = {};
  const input: Record<string, unknown> = {};
  const parts = partsOf(path);
  const [root] = parts;
  const kind = root === "projects" ? "project" : root === "groups" ? "group" : undefined;
  const template = parts.map((part, index) => {
    const placeholder = /^\{(\w+)\}$/.exec(part)?.[1];
    const value = placeholder === undefined ? decode(part) : pathParameters[placeholder];
    if (value === undefined) throw refuse("pathParameters", `${placeholder ?? ""} is missing`);
    const ref = index === 1 && kind !== undefined;
    if (placeholder === undefined && !ref) return part;
    const own = placeholder ?? "id";
    parameters[`path ${own}`] = { in: "path", name: own, ...(ref && { ref: kind }) };
    input[`path ${own}`] = String(value);
    return `{${own}}`;
  });
  const read = method === "GET";
  const add = (where: "query" | "body", values: Readonly<Record<string, unknown>>): void => {
    for (const [field, value] of Object.entries(values)) {
      if (value === undefined) continue;
      const out = leading.test(field) && { reach: "out" as const };
      const text = where === "body" && typeof value === "string" && { text: "markdown" as const };
      parameters[`${where} ${field}`] = {
        in: where,
        name: field,
        ...(where === "query" && { list: "brackets" as const }),
        ...out,
        ...text,
      };
      input[`${where} ${field}`] = value;
    }
  };
  add("query", query);
  add("body", body);
  const rest = parts.slice(kind ? 2 : 0);
  const access = read
    ? "read"
    : method === "DELETE" || rest.some((part) => destructive.test(part))
      ? "destructive"
      : "write";
  // A nested body may name anything.
  const nested = Object.values(body).some((value) => typeof value === "object" && value !== null);
  const out = !kind || nested || rest.some((part) => leading.test(part)) || (rest.length === 0 && !read);
  const definition: ToolDefinition = {
    name,
    title: "Request",
    description: "Any request to the instance's REST API.",
    area: "request",
    method,
    path: `/api/v4/${template.join("/")}`,
    access,
    idempotent: read,
    scopes: read ? ["read_api", "api"] : ["api"],
    parameters,
    curated: [],
    answer: "json",
    view: [],
    ...(out && { reach: "out" }),
    ...(read && { list: true }),
    input: () => z.looseObject({}),
  };
  return { definition, input };
}

/** The path's parts below `/api/v4`, encoded as they were given. */
function partsOf(path: unknown): string[] {
  if (typeof path !== "string" || path.length > 4000)
    throw refuse("path", "expected a path such as /projects/{id}/wikis");
  const parts = path.replace(/^\/?(?:api\/v4\/)?/, "").split("/");
  for (const part of parts) {
    const problem = pathProblem(decode(part));
    if (problem) throw refuse("path", problem);
    if (!/^(?:\{\w+\}|(?:[\w.~!$&'()*+,;=:@-]|%[\da-f]{2})+)$/i.test(part))
      throw refuse("path", "may hold letters, digits, placeholders and URL-encoded characters; use query for a query");
  }
  return parts;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw refuse("path", "is not URL-encoded as it should be");
  }
}
