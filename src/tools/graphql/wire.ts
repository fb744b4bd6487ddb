import type { Values } from "../validate.js";
import type { Credentials } from "../../accounts/types.js";
import { graphqlLookups } from "../../../generated/graphql-lookups.js";
import { GitLabToolError } from "../../errors/gitlab-tool-error.js";
import type { WireRequest } from "../../http/wire.js";
import { isObject } from "../../is-object.js";
import { guardOf, type AllowListGuard } from "../../policy/allow-list.js";
import type { FoundPlace } from "../../policy/project-directory.js";
import { placeFinder } from "../allow-list.js";
import type { ToolCallContext } from "../call.js";
import type { ParameterPlace } from "../../definition/definition.js";
import { readReference } from "../../policy/reference.js";
import { asking, buildOf, textRequest, type Ask } from "./ask.js";
import type { GraphQLCall } from "../../definition/graphql-call.js";
import { idOf, type NamedParameter, type Where } from "./lookups.js";
import { camelCase } from "./names.js";
import type { NamedItem, InputNames } from "./names-given.js";
import type { PlaceName } from "./reference.js";
import { lacks, ofOlderEpics } from "./refusal.js";
import type { Needs } from "../../definition/graphql-call.js";
import { has, textFor, type Build } from "./text.js";

/** A call ready to be sent, and what its answer is read with. */
export interface TextCall {
  readonly wire: WireRequest;
  readonly build: Build;
}

/**
 * The request of a GraphQL tool: what people named is looked up, held to the allow-list, and put where the text takes
 * it; of the text, what the instance understands.
 *
 * @throws {GitLabToolError} `not_available`, `not_found`, `forbidden`
 */
export async function textCall(
  call: ToolCallContext,
  graphql: GraphQLCall,
  values: Values,
  names: InputNames,
  idempotent: boolean,
  credentials: Credentials,
): Promise<TextCall> {
  const { definition, policies } = call;
  const { parameters, access, name: toolName, reach } = definition;
  const build = await buildOf(call, credentials);
  refuseLacking(call, graphql, values, build);
  const find = placeFinder(call, credentials);
  const guard = guardOf(policies, toolName, credentials.baseUrl, find);
  const pathOf = async ({ kind, reference }: PlaceName): Promise<FoundPlace | Where> =>
    guard
      ? await guard.check(kind, reference)
      : /^\d+$/.test(reference)
        ? await find(kind, reference)
        : { kind, path: reference };
  const own = names.place && (await pathOf(names.place));
  const where = names.place && own && { kind: names.place.kind, path: own.path };
  if (guard) await hold(guard, call, values, where, own && "id" in own ? own : undefined);
  const homeless = Object.entries(parameters).find(
    ([name, { within }]) => within && values[name] !== undefined && !names.items.get(within)?.length,
  );
  if (guard && homeless)
    throw guard.refuse(`where ${homeless[0]} lies cannot be found out; give the work_item that it is in beside it`);
  if (guard && !own && reach !== "here" && !isOwned(parameters, values))
    throw guard.refuse(`${toolName} reaches beyond the projects and groups that this client may use`);

  const ask = asking(call, credentials, build);
  const variables: Record<string, unknown> = {};
  if (graphql.place !== undefined && where) put(variables, graphql.place, where.path);
  if (graphql.isProject && where) put(variables, "isProject", where.kind === "project");
  const found = Object.entries(parameters).map(async ([name, place]): Promise<[string, unknown] | undefined> => {
    const value = values[name] === undefined ? place.fill : values[name];
    if (place.in !== "variable" || value === undefined || place.switch) return undefined;
    return [place.name ?? name, value === null ? null : await valueOf(name, place, value)];
  });
  for (const one of await Promise.all(found)) if (one) put(variables, ...one);
  for (const [name, { switch: choices }] of Object.entries(parameters))
    for (const [value, variable] of Object.entries(choices ?? {})) put(variables, variable, values[name] === value);
  const isRead = access === "read";
  return { build, wire: textRequest(textFor(graphql.text, build), variables, { isRead, idempotent }) };

  async function valueOf(name: string, place: ParameterPlace, value: unknown): Promise<unknown> {
    const { names: thing, finder } = place;
    const named = { toolName, parameter: name, finder };
    if (thing === undefined) return place.iid === undefined ? camelCased(value) : String(value);
    if (thing === "work_item") {
      const items = names.items.get(name) ?? [];
      const ids = place.name === "iid" ? items.map(iidOf) : await Promise.all(items.map((item) => itemId(name, item)));
      return Array.isArray(value) ? ids : ids[0];
    }
    if (thing === "custom_field") {
      const { customFieldValues } = await import("./custom-fields.js");
      return await customFieldValues(isObject(value) ? value : {}, named, ask, where);
    }
    const texts = (Array.isArray(value) ? value : [value]).map(String);
    const ids = await Promise.all(
      texts.map(async (text) => {
        const key = [credentials.baseUrl, call.account, thing, where?.kind ?? "", where?.path ?? "", text];
        const find = () => idOf(thing, { ...named, name: text }, ask, where);
        const id = await call.runtime.ids.resolve(key, find);
        if (guard && thing === "vulnerability") await checkVulnerability(guard, ask, id);
        if (guard && thing === "note") await checkNote(guard, ask, id, credentials.baseUrl);
        return place.within === undefined ? id : await within(place.within, named, id);
      }),
    );
    return Array.isArray(value) ? ids : ids[0];
  }

  /** What lies in a work item, as that one lists it. */
  async function within(owner: "work_item", { parameter, finder }: NamedParameter, id: string): Promise<string> {
    const [item] = names.items.get(owner) ?? [];
    if (!item) return id;
    const found = await (await import("./threads.js")).threadOf(ask, await itemId(owner, item), id);
    if (found !== undefined) return found;
    throw new GitLabToolError({
      code: "not_found",
      message: `${parameter}: the work item has no such thread that this user can see.`,
      hint: `Nothing was changed.${finder === undefined ? "" : ` Call ${finder} to find it.`}`,
      toolName,
      details: { fields: [{ field: parameter, message: "not of that work item" }] },
    });
  }

  async function itemId(parameter: string, item: NamedItem): Promise<string> {
    if ("id" in item) {
      if (guard) throw guard.refuse(`${parameter} is a global id, whose place cannot be checked; give its reference`);
      return item.id;
    }
    const elsewhere = item.place && (await pathOf(item.place));
    const path = (elsewhere ?? where)?.path;
    const { namespace } = await ask(graphqlLookups["lookup-work-item"], { path, iid: item.iid });
    const there = isObject(namespace) && isObject(namespace["workItem"]) ? namespace["workItem"]["id"] : undefined;
    if (typeof there === "string") return there;
    const isOfGroup = (item.place ?? where)?.kind === "group";
    const finder = parameters[parameter]?.finder;
    const find = finder === undefined ? "" : ` Call ${finder} to find it.`;
    throw new GitLabToolError({
      code: "not_found",
      message: `${parameter}: ${path ?? "the place"} has no work item ${item.iid} that this user can see.`,
      hint: `Nothing was changed.${find}${isOfGroup ? ofOlderEpics(build) : ""}`,
      toolName,
      details: { fields: [{ field: parameter, message: `no work item ${item.iid}` }] },
    });
  }
}

const iidOf = (item: NamedItem): string => ("iid" in item ? item.iid : "");

/** Something of the call is checked by itself, where it lies. */
const isOwned = (parameters: Readonly<Record<string, ParameterPlace>>, values: Values): boolean =>
  Object.entries(parameters).some(
    ([name, { names }]) => (names === "vulnerability" || names === "note") && values[name] !== undefined,
  );

/** Refuses what may lead out of the allow-list, in values and in texts. */
async function hold(
  guard: AllowListGuard,
  { definition }: ToolCallContext,
  values: Values,
  where: Where | undefined,
  own: FoundPlace | undefined,
): Promise<void> {
  const texts: string[] = [];
  for (const [name, { reach, text }] of Object.entries(definition.parameters)) {
    const value = values[name];
    if (value === undefined || value === null) continue;
    if (text && typeof value === "string") texts.push(value);
    if (reach !== undefined && value !== false)
      throw guard.refuse(`${name} may lead beyond the projects and groups that this client may use`);
  }
  await guard.checkTexts(texts, where?.kind === "project" ? own : undefined);
}

async function checkVulnerability(guard: AllowListGuard, ask: Ask, id: string): Promise<void> {
  const { vulnerability } = await ask(graphqlLookups["lookup-vulnerability"], { id });
  const project = isObject(vulnerability) ? vulnerability["project"] : undefined;
  const path = isObject(project) ? project["fullPath"] : undefined;
  if (typeof path !== "string") throw guard.refuse("where this vulnerability lies cannot be found out");
  await guard.check("project", path);
}

/** A note lies where its address says. */
async function checkNote(guard: AllowListGuard, ask: Ask, id: string, baseUrl: string): Promise<void> {
  const { note } = await ask(graphqlLookups["lookup-note"], { id });
  const url = isObject(note) ? note["url"] : undefined;
  const kind = typeof url === "string" && isInGroup(url, baseUrl) ? "group" : "project";
  const place = typeof url === "string" ? readReference(kind, "note", url, baseUrl) : undefined;
  if (!place || "problem" in place) throw guard.refuse("where this note lies cannot be found out");
  await guard.check(kind, place.value);
}

/** https://gitlab.example/groups/acme/-/epics/5#note_1 */
const isInGroup = (url: string, baseUrl: string): boolean =>
  url.toLowerCase().startsWith(`${baseUrl.replace(/\/+$/, "").toLowerCase()}/groups/`);

/** @throws {GitLabToolError} `not_available` where the instance lacks the text, or something that the input uses */
function refuseLacking({ definition }: ToolCallContext, { text }: GraphQLCall, values: Values, build: Build): void {
  const { name, tier, parameters } = definition;
  const [first] = text;
  const lacking: [what: string, needs: Needs][] = [
    ...(typeof first === "object" ? [[name, first] as [string, Needs]] : []),
    // What a plan has is a part of Enterprise builds only.
    ...(tier ? [[name, { enterprise: true }] as [string, Needs]] : []),
    ...Object.entries(parameters)
      .filter(([parameter]) => values[parameter] !== undefined)
      .map(([parameter, needs]): [string, Needs] => [parameter, needs]),
  ].filter(([, needs]) => !has(build, needs));
  const [[what, needs] = []] = lacking;
  if (what !== undefined && needs !== undefined) throw lacks(name, what, needs, build);
}

/** Sets a variable, or a member of one, by its path. */
function put(variables: Record<string, unknown>, path: string, value: unknown): void {
  const [name = "", ...rest] = path.split(".");
  if (rest.length === 0) variables[name] = value;
  else {
    const known = variables[name];
    const inner: Record<string, unknown> = isObject(known) ? { ...known } : {};
    put(inner, rest.join("."), value);
    variables[name] = inner;
  }
}

/** Members of objects as GraphQL names them. */
function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [camelCase(name), camelCased(part)]));
}
