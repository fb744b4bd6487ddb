import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { WireRequest } from "../http/wire.js";
import { isObject } from "../is-object.js";
import type { ParameterPlace, ToolDefinition } from "../definition/definition.js";
import { readReference } from "./reference.js";
import { refusedByPolicy, type Policy } from "./policy.js";
import type { FoundPlace, PlaceKind } from "./project-directory.js";
import { findReferences } from "./references.js";

type List = Required<Pick<Policy, "projects" | "groups">>;
type FindPlace = (kind: PlaceKind, reference: string) => Promise<FoundPlace>;

/** What holds a call to the projects and groups that the policies allow. */
export interface AllowListGuard {
  readonly refuse: (because: string) => GitLabToolError;
  /** What a reference names, which is allowed. */
  readonly check: (kind: PlaceKind, reference: string) => Promise<FoundPlace>;
  /** Nothing that texts refer to lies elsewhere; `own` is the call's project. */
  readonly checkTexts: (texts: readonly string[], own: FoundPlace | undefined) => Promise<void>;
}

/** More are not looked up: a text that refers to so many things is refused. */
const mostReferences = 20;

/**
 * Holds a call to the projects and groups that the policies allow. What a reference names is asked of GitLab by `find`,
 * so that a number, a former path and a web URL are all the same project; the call then goes out with what was checked.
 * Where parameters lead is the definition's `reach`; what leads out is refused.
 *
 * @throws {GitLabToolError} `forbidden`, or why the project could not be looked up
 */
export async function confineTo(
  policies: readonly Policy[],
  definition: ToolDefinition,
  wire: WireRequest,
  baseUrl: string,
  find: FindPlace,
): Promise<WireRequest> {
  const guard = guardOf(policies, definition.name, baseUrl, find);
  if (!guard) return wire;
  const { name: tool, parameters, reach } = definition;
  const { refuse, check } = guard;

  const pathParameters = { ...wire.pathParameters };
  const query = { ...wire.query };
  const body = wire.body && { ...wire.body };
  let reached = false;
  let own: FoundPlace | undefined;
  const texts: string[] = [];
  const placing: string[] = [];
  let placed = false;
  for (const [name, place] of Object.entries(parameters)) {
    const wireName = place.name ?? name;
    if (place.in === "path") {
      const reference = pathParameters[wireName];
      const kind = place.ref === "project" || place.ref === "group" ? place.ref : undefined;
      if (reference === undefined) continue;
      if (kind) {
        const found = await check(kind, reference);
        pathParameters[wireName] = String(found.id);
        if (kind === "project") own ??= found;
        reached = true;
      } else if (place.reach) throw refuse(`${name} may lead beyond the projects and groups that this client may use`);
      continue;
    }
    const target: Record<string, unknown> | undefined = place.in === "query" ? query : body;
    if (place.reach === "place") placing.push(name);
    if (place.widens && place.in === "query") query[wireName] ??= "false";
    for (const key of keysOf(target, wireName)) {
      const value = target?.[key];
      if (target === undefined || value === undefined) continue;
      if (place.text && typeof value === "string") texts.push(value);
      if (place.reach === "out" && value !== false && value !== "false")
        throw refuse(`${name} may lead beyond the projects and groups that this client may use`);
      if (place.reach === "file") await checkFile(name, value);
      if (place.reach === "configuration") await checkConfiguration(name, value);
      if (place.reach === "project" || place.reach === "group" || place.reach === "place") {
        target[key] = await checkReference(name, place, value);
        reached = true;
        placed ||= place.reach === "place";
      }
    }
  }
  if (placing.length > 0 && !placed)
    throw refuse(`${tool} needs ${placing.join(" or ")} here, naming a group that this client may use`);
  if (reach === "out" || (!reached && reach !== "here" && reach !== "listed"))
    throw refuse(`${tool} reaches beyond the projects and groups that this client may use`);
  await guard.checkTexts(texts, own);
  return { ...wire, pathParameters, query, ...(body && { body }) };

  async function checkReference(name: string, place: ParameterPlace, value: unknown): Promise<unknown> {
    if (Array.isArray(value)) return await Promise.all(value.map((item) => checkReference(name, place, item)));
    if (typeof value !== "string" && typeof value !== "number") throw refuse(`${name} must be one place`);
    const reference = String(value);
    // GitLab reads digits as a path here, and would read them as a number in the look-up.
    if (place.by === "path" && /^\s*\d+\s*$/.test(reference))
      throw refuse(`${name} is a number, which here is a path that cannot be checked; give the full path`);
    const found = await check(place.reach === "project" ? "project" : "group", reference);
    if (place.by === "path") return found.path;
    return place.in === "query" ? String(found.id) : found.id;
  }

  /** GitLab shows what a configuration includes. */
  async function checkConfiguration(name: string, value: unknown): Promise<void> {
    const { includesIn } = await import("./ci-includes.js");
    const why = typeof value === "string" ? includesIn(value) : "is no text";
    if (why !== undefined)
      throw refuse(`${name} ${why}, and what is included may lie beyond the projects that this client may use`);
  }

  /** `file.yml@group/project:ref` or an address: https://docs.gitlab.com/ci/pipelines/settings/#specify-a-custom-cicd-configuration-file */
  async function checkFile(name: string, value: unknown): Promise<void> {
    const text = typeof value === "string" ? value.trim() : "";
    const [, project] = /@([^:]*)/.exec(text) ?? [];
    if (/^\w+:\/\//.test(text) || typeof value !== "string") throw refuse(`${name} may name only a file of a project`);
    if (project !== undefined) await check("project", project);
  }
}

/**
 * Holds back a linter's answer that may show files of other projects than a configuration's own.
 *
 * @throws {GitLabToolError} `forbidden`
 */
export async function confineIncludes({ refuse, check }: AllowListGuard, answer: unknown): Promise<void> {
  const { includedIn } = await import("./ci-includes.js");
  const included = includedIn(answer);
  if (!included)
    throw refuse(
      "the configuration is not valid, and the errors may be about files of other projects that it includes; check its content without include",
    );
  for (const one of included) {
    if ("elsewhere" in one) throw refuse(`the configuration includes what lies in no project (${one.elsewhere})`);
    await check("project", one.project);
  }
}

/** The items of a list that lie in projects that are allowed; what does not say where it lies is left out. */
export async function allowedItems({ check }: AllowListGuard, data: unknown): Promise<unknown> {
  if (!Array.isArray(data)) return [];
  const isAllowed = await Promise.all(
    data.map(async (item: unknown) => {
      const { project_id: id, project } = isObject(item) ? item : {};
      const own: unknown = id ?? (isObject(project) ? project["id"] : undefined);
      if (typeof own !== "number") return false;
      return await check("project", String(own)).then(
        () => true,
        (error: unknown) => {
          if (error instanceof GitLabToolError) return false;
          throw error;
        },
      );
    }),
  );
  return data.filter((_, index) => isAllowed[index]);
}

/** A guard for a call of `tool`; none where no policy names projects or groups. */
export function guardOf(
  policies: readonly Policy[],
  tool: string,
  baseUrl: string,
  find: FindPlace,
): AllowListGuard | undefined {
  const lists = policies
    .filter(({ projects, groups }) => projects !== undefined || groups !== undefined)
    .map(({ projects = [], groups = [] }): List => ({ projects, groups }));
  if (lists.length === 0) return undefined;
  const refuse: AllowListGuard["refuse"] = (because) => refusedByPolicy(tool, "projects", because, { allowed: lists });
  const check: AllowListGuard["check"] = async (kind, reference) => {
    const place = await find(kind, reference);
    for (const list of lists) {
      if (!(await isListed(list, kind, place, baseUrl, find)))
        throw refuse(`${kind} ${reference} is not among the projects and groups that this client may use`);
    }
    return place;
  };
  return {
    refuse,
    check,
    async checkTexts(texts, own) {
      const references = texts.flatMap((text) => findReferences(text, baseUrl));
      if (references.length > mostReferences)
        throw refuse(`the text refers to more than ${mostReferences} other projects and groups`);
      for (const { kind, path, relative } of references) {
        if (relative && own === undefined) continue;
        const full = relative ? `${own?.path.slice(0, own.path.lastIndexOf("/")) ?? ""}/${path}` : path;
        // What this account cannot see, GitLab does not act on for it either.
        await check(kind, full).catch((error: unknown) => {
          if (!isMissing(error)) throw error;
        });
      }
    },
  };
}

const isMissing = (error: unknown): boolean =>
  error instanceof GitLabToolError && (error.code === "project_not_found" || error.code === "not_found");

/** The keys under which a parameter is sent: its own name, or `name[]` and `name[key]` of a query. */
function keysOf(target: Readonly<Record<string, unknown>> | undefined, name: string): string[] {
  return Object.keys(target ?? {}).filter((key) => key === name || key.startsWith(`${name}[`));
}

async function isListed(
  { projects, groups }: List,
  kind: PlaceKind,
  place: FoundPlace,
  baseUrl: string,
  find: FindPlace,
): Promise<boolean> {
  const path = place.path.toLowerCase();
  if (kind === "project" && projects.some((entry) => isNamed(place, "project", entry, baseUrl))) return true;
  for (const entry of groups) {
    if (kind === "group" && isNamed(place, "group", entry, baseUrl)) return true;
    const name = referenceOf("group", entry, baseUrl);
    if (name === undefined) continue;
    // A number stands for the path that the group has now.
    const group = /^\d+$/.test(name) ? (await find("group", name).catch(() => undefined))?.path : name;
    if (group !== undefined && path.startsWith(`${group.toLowerCase()}/`)) return true;
  }
  return false;
}

function isNamed(place: FoundPlace, kind: PlaceKind, entry: string | number, baseUrl: string): boolean {
  const name = referenceOf(kind, entry, baseUrl);
  if (name === undefined) return false;
  // A group's path may look like another group's number.
  return /^\d+$/.test(name) ? name === String(place.id) : name.toLowerCase() === place.path.toLowerCase();
}

/** An entry as number or path; a web URL of another instance names nothing on this one. */
function referenceOf(kind: PlaceKind, entry: string | number, baseUrl: string): string | undefined {
  const read = readReference(kind, "policy", String(entry), baseUrl);
  return "value" in read ? read.value : undefined;
}
