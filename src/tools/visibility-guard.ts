/**
 * Keeps what was read in private projects from being written where more people read it. What a conversation has read is
 * remembered in the client's store; what cannot be found out counts as private where it was read, and as public where it
 * would be written.
 */
import { explained } from "../accounts/account-errors.js";
import type { Credentials } from "../accounts/types.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { WireRequest } from "../http/wire.js";
import { isObject } from "../is-object.js";
import type { PlaceKind } from "../policy/project-directory.js";
import {
  isAudience,
  readTogether,
  revealed,
  widest,
  type Audience,
  type ReadPlace,
  type Reading,
  type Revealing,
} from "../policy/visibility.js";
import { checkDepth } from "../views/depth.js";
import { placeFinder } from "./allow-list.js";
import type { ToolCallContext } from "./call.js";
import type { Prepared } from "./prepare.js";

type NamedPlace = readonly [kind: PlaceKind, reference: string];
type Checked = Pick<Prepared, "wire" | "names" | "values">;

const memoryName = "read";
/** More places of one answer are not looked up. */
const mostPlaces = 20;
const unknown: ReadPlace = { name: "a place that could not be found out", audience: undefined };

/** Notes that a conversation reads what a call's own places hold. Before a change, whose answer shows it as well. */
export async function noteOwnPlaces(call: ToolCallContext, checked: Checked, credentials: Credentials): Promise<void> {
  const { places } = placesOf(call, checked);
  await note(call, await Promise.all(places.map((place) => readPlace(call, credentials, place))));
}

/** Notes what an answer shows. It is not handed out before the store knows it. */
export async function noteAnswer(
  call: ToolCallContext,
  checked: Checked,
  credentials: Credentials,
  data: unknown,
): Promise<void> {
  const { places } = placesOf(call, checked);
  const found: ShownPlaces = { places: new Map(), audiences: [] };
  collect(data, found, 0);
  for (const place of places) found.places.set(place.join(" "), place);
  const all = [...found.places.values()];
  const read = await Promise.all(all.slice(0, mostPlaces).map((place) => readPlace(call, credentials, place)));
  if (all.length > mostPlaces) read.push(unknown);
  // Lists of everything, and what lies nowhere that is known.
  const isNowhere = all.length === 0 && found.audiences.length === 0 && !isEmpty(data);
  if (isNowhere && (call.definition.reach !== "here" || typeof data === "string")) read.push(unknown);
  for (const audience of found.audiences) read.push({ name: "what is marked as such", audience });
  await note(call, read);
}

/** What a change could reveal; nothing where all who could read it can read what the conversation has read. */
export async function revealing(
  call: ToolCallContext,
  checked: Checked,
  wire: WireRequest,
  credentials: Credentials,
): Promise<Revealing | undefined> {
  const { memory, scope } = memoryOf(call);
  const read = readingOf(await memory.recall(scope, memoryName).catch(rethrown));
  if (!read || writesNothing(wire)) return undefined;
  const { places, isKnown } = placesOf(call, checked);
  const audiences = await Promise.all(
    places.map(async (place) => (await readPlace(call, credentials, place)).audience),
  );
  const visibility = visibilityIn(wire);
  // What is made new has the visibility that is given; what is there keeps what it has until then.
  const isNew = wire.method === "POST" && places.length === 0 && isKnown;
  if (visibility !== undefined) audiences.push(visibility);
  else if (places.length === 0) audiences.push(undefined);
  if (!isKnown && !isNew) audiences.push(undefined);
  return revealed(read, widest(audiences));
}

function memoryOf({ runtime, account, conversation = "", definition, policies }: ToolCallContext) {
  const { memory } = runtime;
  if (!memory.isShared)
    throw new GitLabToolError({
      code: "invalid_input",
      message: 'policy.visibility "guard" needs a store that keeps rows (AccountStore.rows).',
      hint: "Add rows to the store, or leave the policy out.",
      toolName: definition.name,
      details: { policies: policies.length },
    });
  return { memory, scope: { account, conversation } };
}

const rethrown = (error: unknown): never => {
  throw explained(error);
};

async function note(call: ToolCallContext, read: readonly ReadPlace[]): Promise<void> {
  const { memory, scope } = memoryOf(call);
  if (!readTogether(undefined, read)) return;
  await memory
    .remember(scope, memoryName, (known) => JSON.stringify(readTogether(readingOf(known), read)))
    .catch(rethrown);
}

/** A row that is damaged says that something was read. */
function readingOf(text: string | undefined): Reading | undefined {
  if (text === undefined) return undefined;
  try {
    const { audience, places } = JSON.parse(text) as Partial<Reading>;
    if (isAudience(audience) && Array.isArray(places)) return { audience, places };
  } catch {
    // As below.
  }
  return { audience: "private", places: [] };
}

async function readPlace(
  call: ToolCallContext,
  credentials: Credentials,
  [kind, reference]: NamedPlace,
): Promise<ReadPlace> {
  const find = placeFinder(call, credentials);
  try {
    const { id, visibility } = await find(kind, reference);
    return { name: `${kind} ${id}`, audience: visibility };
  } catch (error) {
    call.budget.signal.throwIfAborted();
    if (!(error instanceof GitLabToolError)) throw error;
    return unknown;
  }
}

/** Where a call leads, by its input; not known where something of it may lead anywhere. */
function placesOf(
  { definition }: ToolCallContext,
  { wire, names }: Checked,
): { places: NamedPlace[]; isKnown: boolean } {
  const places: NamedPlace[] = [];
  let isKnown = definition.reach !== "out";
  if (definition.graphql) {
    if (names?.place) places.push([names.place.kind, names.place.reference]);
    for (const items of names?.items.values() ?? [])
      for (const item of items) {
        if ("id" in item) isKnown = false;
        else if (item.place) places.push([item.place.kind, item.place.reference]);
      }
    return { places, isKnown };
  }
  for (const [name, { in: where, name: wireName = name, ref, reach }] of Object.entries(definition.parameters)) {
    if (where === "path") {
      const reference = wire.pathParameters[wireName];
      if (reference !== undefined && (ref === "project" || ref === "group")) places.push([ref, reference]);
      continue;
    }
    const target: Readonly<Record<string, unknown>> = (where === "query" ? wire.query : wire.body) ?? {};
    for (const [key, value] of Object.entries(target)) {
      if (key !== wireName && !key.startsWith(`${wireName}[`)) continue;
      if (reach === "project" || reach === "group" || reach === "place")
        for (const one of Array.isArray(value) ? (value as unknown[]) : [value])
          if (typeof one === "string" || typeof one === "number")
            places.push([reach === "project" ? "project" : "group", String(one)]);
      if (reach === "out" && value !== false && value !== "false") isKnown = false;
    }
  }
  return { places, isKnown };
}

/** Something that is marked as done, and carries no word of anybody's. */
const writesNothing = ({ body = {}, query }: WireRequest): boolean =>
  Object.keys(body).length === 0 && Object.keys(query).length === 0;

function visibilityIn({ body = {} }: WireRequest): Audience | undefined {
  const { visibility } = body;
  return isAudience(visibility) ? visibility : undefined;
}

interface ShownPlaces {
  readonly places: Map<string, NamedPlace>;
  readonly audiences: Audience[];
}

const isEmpty = (data: unknown): boolean =>
  data === null ||
  data === "" ||
  (Array.isArray(data) && data.length === 0) ||
  (isObject(data) && Object.keys(data).length === 0);

/** `group/project#12`, as GraphQL answers it. */
const reference = /^([\w./-]+)([#&!])\d+$/;

/** Where the things of an answer lie, and what is marked as for few. */
function collect(data: unknown, found: ShownPlaces, depth: number): void {
  if (typeof data !== "object" || data === null) return;
  checkDepth(depth);
  if (Array.isArray(data)) for (const item of data) collect(item, found, depth + 1);
  else {
    for (const [name, value] of Object.entries(data)) {
      const place = placeIn(name, value);
      if (place) found.places.set(place.join(" "), place);
      if ((name === "confidential" || name === "internal") && value === true) found.audiences.push("private");
      if (name === "visibility" && isAudience(value)) found.audiences.push(value);
      collect(value, found, depth + 1);
    }
  }
}

function placeIn(name: string, value: unknown): NamedPlace | undefined {
  if (typeof value === "number" && name === "project_id") return ["project", String(value)];
  if (typeof value === "number" && name === "group_id") return ["group", String(value)];
  if (name === "project" && isObject(value) && typeof value["id"] === "number") return ["project", String(value["id"])];
  const [, path, sign] = (name === "reference" && typeof value === "string" && reference.exec(value)) || [];
  if (path?.includes("/")) return [sign === "&" ? "group" : "project", path];
  return undefined;
}
