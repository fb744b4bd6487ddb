import type { BodyFormat } from "../http/body-format.js";
import { unlessAborted } from "../http/budget.js";
import type { WireRequest } from "../http/wire.js";
import type { FieldProblem } from "../options/field-problems.js";
import { callAccess } from "../policy/access.js";
import { checkTool, guardsVisibility, isConfined, quickActionPolicy, type Policy } from "../policy/policy.js";
import { applyQuickActionPolicy, hasQuickActions } from "../policy/quick-actions.js";
import type { CallOptions } from "./account.js";
import type { ToolCallContext } from "./call.js";
import type { ParameterPlace, ToolDefinition } from "../definition/definition.js";
import { withMarkedTitle } from "./draft-title.js";
import { FileToRead } from "./file-input.js";
import type { InputNames } from "./graphql/names-given.js";
import { readReference, unsigned } from "../policy/reference.js";
import { invalid, validate, withoutMasks, type Values } from "./validate.js";
import { shower, type Shown } from "./view.js";

const json: BodyFormat = { as: "json" };

/** A call that has been checked as far as that goes without the account. */
export interface Prepared {
  readonly baseUrl: string;
  readonly wire: WireRequest;
  readonly values: Values;
  /** How GitLab's response is read. */
  readonly format: BodyFormat;
  /** What the input of a GraphQL tool names. */
  readonly names?: InputNames;
  readonly show: (data: unknown) => Shown;
}

/** Validates, applies policies, and puts the values where they go. Nothing has been sent. */
export async function prepare(
  call: ToolCallContext,
  input: unknown,
  options: CallOptions,
  nextQuery: WireRequest["query"] | undefined,
): Promise<Prepared> {
  const { runtime, key, account, definition, policies, budget } = call;
  if (policies.length > 0) checkTool(policies, definition);
  const valid = validate(definition, input);
  if (definition.destructive_when) checkTool(policies, { ...definition, access: callAccess(definition, valid) });
  let values = await withFiles(call, permitted(call, valid));
  const show = isPlain(options, policies) ? unchanged : shower(definition, options, policies);
  const known = runtime.accounts.cache.fresh(account);
  const { baseUrl } = known ?? (await unlessAborted(runtime.accounts.connection(key.connectionName), budget.signal));
  const { seen } = definition;
  if (seen !== undefined && call.conversation !== undefined && valid[seen] === undefined)
    values = await (await import("./shown-version.js")).withSeen(call, values, baseUrl);
  // What quick actions do may count twice, however harmlessly the rest repeats.
  const isRead = definition.access === "read";
  const counts = isRead ? false : hasQuickActions(definition, values) || hasOnce(definition, values);
  const idempotent = definition.idempotent && !counts;
  const names = definition.graphql && (await import("./graphql/names-given.js")).readNames(definition, values, baseUrl);
  const first = toWire(definition, values, baseUrl, idempotent);
  const wire = nextQuery ? { ...first, query: nextQuery } : first;
  const isJson = definition.answer === "json" || options.dryRun;
  const format = isJson ? json : await (await import("./body-format.js")).bodyFormat(definition, values, policies);
  return { baseUrl, wire, values, format, show, ...(names && { names }) };
}

const hasOnce = ({ parameters }: ToolDefinition, values: Values): boolean =>
  Object.entries(parameters).some(([name, { once }]) => once && values[name] !== undefined);

/** The values as policies let them through, and as GitLab wants them. */
function permitted({ definition, policies, outer }: ToolCallContext, valid: Values): Values {
  const isRead = definition.access === "read";
  // A step's texts may be GitLab's own, and the input of the whole tool has been checked.
  const named = withoutSigns(definition, valid);
  const unmasked = outer ? named : withoutMasks(definition, named);
  const marked = isRead ? unmasked : withMarkedTitle(definition, unmasked);
  return policies.length === 0 ? marked : withPolicedTexts(definition, marked, policies);
}

/** The values with names for what is written as Markdown refers to it. */
function withoutSigns({ parameters }: ToolDefinition, values: Values): Values {
  let plain = values;
  for (const [name, value] of Object.entries(values)) {
    const sign = parameters[name]?.sign;
    if (sign === undefined) continue;
    const bare = (one: unknown): unknown => (typeof one === "string" ? unsigned(sign, one) : one);
    plain = { ...plain, [name]: Array.isArray(value) ? value.map(bare) : bare(value) };
  }
  return plain;
}

const unchanged = (data: unknown): Shown => ({ data, warnings: [] });

/** The response is shown as it is. */
const isPlain = ({ view, fields }: CallOptions, policies: readonly Policy[]): boolean =>
  (view ?? "full") === "full" && fields === undefined && policies.length === 0;

/** @throws {GitLabToolError} `invalid_input` where a policy refuses a quick action */
function withPolicedTexts(definition: ToolDefinition, texts: Values, policies: readonly Policy[]): Values {
  const { values, problems } = applyQuickActionPolicy(
    definition,
    texts,
    quickActionPolicy(policies),
    isConfined(policies) || guardsVisibility(policies),
  );
  if (problems.length > 0) throw invalid(definition, problems);
  return values;
}

/** @throws {GitLabToolError} `invalid_input` where a file cannot or may not be read, or holds a mask */
async function withFiles({ definition, policies, outer }: ToolCallContext, values: Values): Promise<Values> {
  let read = values;
  for (const [field, file] of Object.entries(values)) {
    if (!(file instanceof FileToRead)) continue;
    const { readUpload } = await import("./upload.js");
    const found = await readUpload(
      file,
      policies.map(({ uploads }) => uploads),
    );
    if ("problem" in found) throw invalid(definition, [{ field, message: found.problem }]);
    read = { ...read, [field]: outer ? found : withoutMasks(definition, { [field]: found })[field] };
  }
  return read;
}

type Query = Record<string, string | readonly string[]>;

/** Puts validated values where they go on the wire. References are read against the connection's base URL. */
export function toWire(
  definition: ToolDefinition,
  values: Readonly<Record<string, unknown>>,
  baseUrl: string,
  idempotent = definition.idempotent,
): WireRequest {
  const pathParameters: Record<string, string> = {};
  const query: Query = {};
  const body: Record<string, unknown> = {};
  const problems: FieldProblem[] = [];
  for (const [name, place] of Object.entries(definition.parameters)) {
    // null clears, and is sent.
    const value = values[name] === undefined ? place.fill : values[name];
    // Variables wait until what they name is known.
    if (place.in === "local" || place.in === "variable" || value === undefined) continue;
    const wireName = place.name ?? name;
    if (place.in === "path") {
      const text = plain(value);
      const read = place.ref ? readReference(place.ref, name, text, baseUrl) : { value: text };
      if ("problem" in read) problems.push(read.problem);
      else pathParameters[wireName] = read.value;
    } else if (place.in === "query") addToQuery(query, wireName, value, place);
    else body[wireName] = place.list === "comma" && Array.isArray(value) ? value.join(",") : value;
  }
  if (problems.length > 0) throw invalid(definition, problems);
  return {
    method: definition.method,
    path: definition.path,
    pathParameters,
    query,
    idempotent,
    ...(Object.keys(body).length > 0 && { body }),
  };
}

/** Lists as `a,b` or `name[]=a&name[]=b`, objects as `name[key]=…` (GitLab documentation, "REST API: encoding"). */
function addToQuery(query: Query, name: string, value: unknown, place: ParameterPlace): void {
  if (Array.isArray(value)) {
    if (value.length === 0) return;
    // None or Any alone stands for the list and is not one of its items.
    const word = place.keyword && value.length === 1 && /^(?:none|any)$/i.test(plain(value[0]));
    if (word) query[name] = plain(value[0]);
    else if (place.list === "comma") query[name] = value.map(plain).join(",");
    else query[`${name}[]`] = value.map(plain);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, part] of Object.entries(value))
      if (part !== undefined) addToQuery(query, `${name}[${key}]`, part, place);
  } else query[name] = plain(value);
}

/** Text of what a schema let through at a place where only one word, number or truth value can stand. */
function plain(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
