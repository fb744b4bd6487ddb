import { graphqlLookups } from "../../../generated/graphql-lookups.js";
import { GitLabToolError } from "../../errors/gitlab-tool-error.js";
import { isObject, type Fields } from "../../is-object.js";
import type { PlaceKind } from "../../policy/project-directory.js";
import type { Ask } from "./ask.js";
import type { NamedThing } from "../../definition/graphql-call.js";
import { unsigned } from "../../policy/reference.js";
import { isGlobalId } from "./reference.js";

/** Where a thing is looked for: the call's project or group, by its full path. */
export interface Where {
  readonly kind: PlaceKind;
  readonly path: string;
}

/** The parameter that names something, and the tool that shows what there is, as its row says. */
export interface NamedParameter {
  readonly toolName: string;
  readonly parameter: string;
  readonly finder: string | undefined;
}

/** Several things of one name, each as people tell them apart, with its global id. */
interface Several {
  readonly among: readonly string[];
}

/** What finds a thing's global id by what people call it. */
type FindId = (name: string, ask: Ask, where: Where | undefined) => Promise<string | Several | undefined>;

/** GitLab compares titles of labels and milestones with case; names of types and statuses we compare without. */
export const same = (a: unknown, b: string): boolean => typeof a === "string" && a.toLowerCase() === b.toLowerCase();

/** What is found by one name. What has values of its own, or a place, is found elsewhere. */
type OneName = Exclude<NamedThing, "work_item" | "custom_field">;

const finds: Readonly<Record<OneName, FindId>> = {
  user: async (name, ask) => {
    const username = unsigned("@", name);
    const { users } = await ask(graphqlLookups["lookup-users"], { usernames: [username] });
    return idWhere(nodes(users), (one) => same(one["username"], username));
  },
  label: async (name, ask, where) => {
    const title = unsigned("~", name);
    const text = graphqlLookups[where?.kind === "group" ? "lookup-group-label" : "lookup-project-label"];
    const place = placeIn(await ask(text, { path: where?.path, title }));
    return idWhere(nodes(place["labels"]), (one) => one["title"] === title);
  },
  milestone: async (name, ask, where) => {
    const title = unsigned("%", name);
    const text = graphqlLookups[where?.kind === "group" ? "lookup-group-milestone" : "lookup-project-milestone"];
    const place = placeIn(await ask(text, { path: where?.path, title }));
    return idWhere(nodes(place["milestones"]), (one) => one["title"] === title);
  },
  iteration: async (name, ask, where) => {
    const states: Readonly<Record<string, string>> = { current: "current", next: "upcoming", upcoming: "upcoming" };
    const state = states[name.toLowerCase()];
    const isProject = where?.kind === "project";
    const filter = state === undefined ? { search: name } : { state };
    const variables = {
      path: where?.path,
      isProject,
      ...filter,
      includeAncestors: true,
      sort: "CADENCE_AND_DUE_DATE_ASC",
    };
    const found = nodes(placeIn(await ask(graphqlLookups["iterations-list"], variables))["iterations"]);
    const named = state === undefined ? found.filter(({ title }) => title === name) : firstOfEachCadence(found);
    return named.length > 1 ? { among: named.map(iterationWords) } : idWhere(named, () => true);
  },
  type: async (name, ask, where) => {
    const typeName = name.replaceAll("_", " ");
    return idWhere(await typesOf(ask, where), (one) => same(one["name"], typeName));
  },
  status: async (name, ask, where) => {
    const types = await typesOf(ask, where);
    const statuses = types.flatMap(({ widgetDefinitions }) =>
      list(widgetDefinitions).flatMap(({ allowedStatuses }) => list(allowedStatuses)),
    );
    return idWhere(statuses, (one) => same(one["name"], name));
  },
  note: async (name) => Promise.resolve(/^\d+$/.test(name) ? `gid://gitlab/Note/${name}` : undefined),
  discussion: async (name) =>
    Promise.resolve(/^[0-9a-f]{40}$/.test(name) ? `gid://gitlab/Discussion/${name}` : undefined),
  vulnerability: async (name) => Promise.resolve(/^\d+$/.test(name) ? `gid://gitlab/Vulnerability/${name}` : undefined),
};

const placed: ReadonlySet<NamedThing> = new Set(["label", "milestone", "iteration", "type", "status"]);

/**
 * The global id of what a parameter names. A global id is taken as it is.
 *
 * @throws {GitLabToolError} `not_found` where the call's place has no such thing, `invalid_input` where it has several
 */
export async function idOf(
  thing: OneName,
  { toolName, parameter, finder, name }: NamedParameter & { readonly name: string },
  ask: Ask,
  where: Where | undefined,
): Promise<string> {
  if (isGlobalId(name)) return name;
  if (where === undefined && placed.has(thing))
    throw new GitLabToolError({
      code: "invalid_input",
      message: `${parameter}: a ${thing} is found by name only in a project or group.`,
      hint: `Nothing was sent. Give project_id or group_id, or the work item by its reference, and call ${toolName} again.`,
      toolName,
      details: { fields: [{ field: parameter, message: "give project_id or group_id beside it" }] },
    });
  const id = await finds[thing](name, ask, where);
  if (typeof id === "string") return id;
  const shown = JSON.stringify(name.slice(0, 200));
  const place = where === undefined || thing === "user" ? "" : ` in ${where.path}`;
  if (id !== undefined)
    throw new GitLabToolError({
      code: "invalid_input",
      message: `${parameter}: ${shown} may be any of ${id.among.length} ${thing}s${place}: ${id.among.join("; ")}.`,
      hint: `Nothing was changed. Give one of these ids as ${parameter} and call ${toolName} again.`,
      toolName,
      details: { fields: [{ field: parameter, message: `${id.among.length} ${thing}s are ${shown}` }] },
    });
  throw new GitLabToolError({
    code: "not_found",
    message: `${parameter}: there is no ${thing} ${shown}${place} that this user can see.`,
    hint: `Nothing was changed.${finder === undefined ? "" : ` Call ${finder} to find what there is.`}`,
    toolName,
    details: { fields: [{ field: parameter, message: `no ${thing} ${shown}` }] },
  });
}

/** The types of work items of a place, with what each may have. */
export async function typesOf(ask: Ask, where: Where | undefined): Promise<readonly Fields[]> {
  const { namespace } = await ask(graphqlLookups["work-item-types-list"], { path: where?.path });
  return isObject(namespace) ? nodes(namespace["workItemTypes"]) : [];
}

export const list = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.filter(isObject) : []);
const nodes = (connection: unknown): readonly Fields[] => (isObject(connection) ? list(connection["nodes"]) : []);

/** Each cadence has a current iteration and a next one: they are listed by cadence and date. */
function firstOfEachCadence(iterations: readonly Fields[]): readonly Fields[] {
  const cadences = iterations.map(({ iterationCadence: one }) => (isObject(one) ? one["id"] : undefined));
  return iterations.filter((_, index) => cadences.indexOf(cadences[index]) === index);
}

function iterationWords({ id, startDate, dueDate, iterationCadence }: Fields): string {
  const cadence = isObject(iterationCadence) ? `${String(iterationCadence["title"])} ` : "";
  return `${cadence}${String(startDate)} to ${String(dueDate)} (${String(id)})`;
}

function placeIn({ project, group }: Fields): Fields {
  const place = project ?? group;
  return isObject(place) ? place : {};
}

function idWhere(found: readonly Fields[], is: (one: Fields) => boolean): string | undefined {
  const id = found.find(is)?.["id"];
  return typeof id === "string" ? id : undefined;
}
