import type * as z from "zod/mini";
import { leadsElsewhere, textOf } from "../policy/parameter-words.js";
import { callable, type Tool } from "./callable.js";
import type { Access, AnswerKind, ParameterPlace, ToolDefinition } from "../definition/definition.js";

/** A tool of one's own: one operation of GitLab's API. */
export interface DefineToolOptions<Input extends z.core.$ZodObject> {
  /** In snake_case, as models see it; at most 64 characters. */
  readonly name: string;
  readonly title?: string;
  /** For a model: what it does, and what it returns. */
  readonly description: string;
  readonly method: ToolDefinition["method"];
  /** Below the instance, with a placeholder for each parameter of the path: `/api/v4/projects/{project_id}/widgets`. */
  readonly path: string;
  /** A zod object of all parameters; those of the path are required. */
  readonly input: Input;
  /** What a call does to GitLab. Default: `read` for GET and HEAD, and `destructive` for all others: say it. */
  readonly access?: Access;
  readonly answer?: AnswerKind;
  /** Fields of the compact view. Default: all. */
  readonly view?: readonly string[];
  readonly scopes?: readonly string[];
  readonly keywords?: readonly string[];
}

const references: Readonly<Record<string, "project" | "group">> = { project_id: "project", group_id: "group" };

/**
 * Makes a tool of one's own, under the same policies as the others: give it to `createGitLab({ tools: [...] })`, or
 * call it with an account.
 *
 * @example
 * ```ts
 * const widgetsList = defineTool({
 *   name: "acme_widgets_list",
 *   description: "Lists a project's widgets.",
 *   method: "GET",
 *   path: "/api/v4/projects/{project_id}/widgets",
 *   input: z.object({ project_id: z.string(), state: z.optional(z.enum(["open", "closed"])) }),
 * });
 * ```
 */
export function defineTool<Input extends z.core.$ZodObject, Data = unknown>(
  options: DefineToolOptions<Input>,
): Tool<z.input<Input>, Data> {
  const { name, description, method, path, input } = options;
  const { title = description, view = [], answer = "any", keywords } = options;
  const reads = method === "GET" || method === "HEAD";
  const access = options.access ?? (reads ? "read" : "destructive");
  const shape = input._zod.def.shape;
  const names = Object.keys(shape);
  const missing = placeholders(path).filter((placeholder) => !names.includes(placeholder));
  if (!/^[a-z][a-z0-9_]{0,63}$/.test(name)) throw new TypeError(`defineTool: the name "${name}" is not snake_case.`);
  if (!path.startsWith("/api/v4/")) throw new TypeError(`defineTool: the path of ${name} has to begin with /api/v4/.`);
  if (missing.length > 0)
    throw new TypeError(`defineTool: the input of ${name} lacks ${missing.join(", ")}, which its path names.`);
  const definition: ToolDefinition = {
    name,
    title,
    description,
    area: "own",
    level: "extended",
    method,
    path,
    access,
    idempotent: method !== "POST" && method !== "PATCH",
    scopes: options.scopes ?? (access === "read" ? ["read_api", "api"] : ["api"]),
    parameters: Object.fromEntries(names.map((parameter) => [parameter, placeOf(parameter, { method, path })])),
    curated: names,
    answer,
    view,
    ...(keywords && { keywords }),
    input: () => input as Input & z.ZodMiniObject,
  };
  return callable<z.input<Input>, Data>(() => definition);
}

const placeholders = (path: string): string[] => [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1] ?? "");

function placeOf(name: string, request: { readonly method: string; readonly path: string }): ParameterPlace {
  const where = placeholders(request.path).includes(name)
    ? "path"
    : ["GET", "HEAD", "DELETE"].includes(request.method)
      ? "query"
      : "body";
  const ref = where === "path" ? references[name] : undefined;
  const parameter = { in: where, wire: name, ...(ref && { ref }) } as const;
  const text = textOf(request, parameter);
  return {
    in: where,
    ...(ref && { ref }),
    ...(leadsElsewhere(parameter) && { reach: "out" as const }),
    ...(text && { text }),
    ...(where === "query" && { list: "brackets" as const }),
  };
}
