import {
  forbidden,
  json,
  list,
  empty,
  notFound,
  refuse,
  unauthorized,
  type Answer,
  type Call,
  type Handlers,
} from "../../server/handler.js";
import { role } from "../../state/records.js";
import type { ResourceRecord } from "../../state/resource-records.js";
import { userById } from "../users/user-entity.js";
import { coerce, fill, wordOf } from "./fill.js";
import type { Place, Under } from "./places.js";

type Values = Record<string, unknown>;

/** A resource of GitLab's as data. The specification says the rest: parameters, their types, the fields of an answer. */
export interface Resource {
  /** What the state calls its records. */
  readonly name: string;
  /** The path of the list, such as `/projects/{id}/environments`. */
  readonly path: string;
  /** The last parameter of the path of one of them, such as `environment_id`. */
  readonly item: string;
  /** What that parameter holds. Default `id`. */
  readonly key?: string;
  readonly under: Under;
  /** From which role on. Without `read` whoever sees the place may read. */
  readonly roles: { readonly read?: number; readonly write: number; readonly remove?: number };
  /** Which operations there are. Default all five. */
  readonly operations?: readonly ("list" | "get" | "create" | "update" | "remove")[];
  /** Updates come as PATCH instead of PUT. */
  readonly patch?: boolean;
  /** `404 Environment Not Found`; without it `404 Not found`. */
  readonly missing?: string;
  /** What a record says that nobody wrote. */
  readonly defaults?: Readonly<Values>;
  /** Fields of which no two records in a place may have the same values, and how GitLab says so. */
  readonly unique?: {
    readonly fields: readonly string[];
    readonly status?: 400 | 409;
    /** May depend on what was written. */
    readonly message: string | Readonly<Values> | ((values: Values) => Readonly<Values>);
  };
  /** Of which fields an update has to have one. */
  readonly oneOf?: readonly string[];
  /** The record that is there already where the same is created again. */
  readonly again?: (values: Values, call: Call, place: Place) => ResourceRecord | undefined;
  /** Which of several records with the same key is meant. */
  readonly choose?: (found: readonly ResourceRecord[], call: Call) => ResourceRecord | undefined;
  /** The fields that `search` looks into. */
  readonly search?: readonly string[];
  /** The order of a list. Default oldest first. */
  readonly newestFirst?: boolean;
  readonly orderBy?: string;
  /** A delete answers with the record, and the document's status, instead of 204. */
  readonly tellsRemoved?: boolean;
  /** Who sees which records, where not everybody sees all. */
  readonly sees?: (record: ResourceRecord, call: Call, place: Place) => boolean;
  /** Only who wrote a record may change or delete it, maintainers aside. */
  readonly ownChanges?: boolean;
  /** Completes or refuses what a request writes; `before` is undefined for a new record. */
  readonly write?: (values: Values, call: Call, place: Place, before: ResourceRecord | undefined) => Values;
  /** What an answer says besides what was written. */
  readonly present?: (record: ResourceRecord, call: Call, place: Place) => Values;
  /** Refuses to delete a record. */
  readonly keep?: (record: ResourceRecord, call: Call, place: Place) => void;
  /** What follows from a change. */
  readonly after?: (change: "create" | "update" | "remove", record: ResourceRecord, call: Call, place: Place) => void;
}

/** The operations of a resource. */
export function resourceHandlers(resource: Resource): Handlers {
  const { path, item, operations = ["list", "get", "create", "update", "remove"] } = resource;
  const one = `${path}/{${item}}`;
  const handlers: Record<string, (call: Call) => Answer> = {};
  if (operations.includes("list")) handlers[`GET ${path}`] = (call) => listRecords(resource, call);
  if (operations.includes("get")) handlers[`GET ${one}`] = (call) => getRecord(resource, call);
  if (operations.includes("create")) handlers[`POST ${path}`] = (call) => createRecord(resource, call);
  if (operations.includes("update")) {
    handlers[`${resource.patch === true ? "PATCH" : "PUT"} ${one}`] = (call) => updateRecord(resource, call);
  }
  if (operations.includes("remove")) handlers[`DELETE ${one}`] = (call) => removeRecord(resource, call);
  return handlers;
}

function listRecords(resource: Resource, call: Call): Answer {
  const place = enter(resource, call, "read");
  const found = readable(resource, call, place).filter(filterOf(resource, call, place));
  const { orderBy } = resource;
  if (orderBy !== undefined) {
    found.sort((a, b) => String(a.values[orderBy]).localeCompare(String(b.values[orderBy])));
  } else if ((call.params.text("sort") ?? (resource.newestFirst === true ? "desc" : "asc")) === "desc") found.reverse();
  return list(found, (record) => presentRecord(resource, record, call, place));
}

const getRecord = (resource: Resource, call: Call): Answer => {
  const place = enter(resource, call, "read");
  return json(presentRecord(resource, findRecord(resource, call, place), call, place));
};

function createRecord(resource: Resource, call: Call): Answer {
  const place = enter(resource, call, "write");
  const written = valuesOf(call);
  const values = resource.write?.(written, call, place, undefined) ?? written;
  const known = resource.again?.(values, call, place);
  if (known !== undefined) return json(presentRecord(resource, known, call, place), 201);
  checkUnique(resource, call, place, { ...resource.defaults, ...values }, undefined);
  const made = { by: call.user?.id ?? 0, at: call.gitlab.now() };
  const record = call.gitlab.resources.add(resource.name, place.key, { ...resource.defaults, ...values }, made);
  resource.after?.("create", record, call, place);
  return json(presentRecord(resource, record, call, place), call.operation.answer?.status ?? 201);
}

function updateRecord(resource: Resource, call: Call): Answer {
  const place = enter(resource, call, "write");
  requireOneOf(resource, call);
  const record = findOwn(resource, call, place);
  const written = valuesOf(call);
  const values = resource.write?.(written, call, place, record) ?? written;
  checkUnique(resource, call, place, { ...record.values, ...values }, record);
  record.values = { ...record.values, ...values };
  record.updatedAt = call.gitlab.now();
  resource.after?.("update", record, call, place);
  return json(presentRecord(resource, record, call, place));
}

function removeRecord(resource: Resource, call: Call): Answer {
  const place = enter(resource, call, "remove");
  const record = findOwn(resource, call, place);
  resource.keep?.(record, call, place);
  const answer =
    resource.tellsRemoved === true
      ? json(presentRecord(resource, record, call, place), call.operation.answer?.status)
      : empty();
  call.gitlab.resources.remove(resource.name, record);
  resource.after?.("remove", record, call, place);
  return answer;
}

/** The place, for a caller whose role is high enough there: 401 for nobody, 403 for too low a role. */
function enter(resource: Resource, call: Call, action: "read" | "write" | "remove"): Place {
  const place = resource.under(call);
  const { read, write, remove = write } = resource.roles;
  const level = action === "read" ? read : action === "write" ? write : remove;
  if (level === undefined) return place;
  if (call.user === undefined) unauthorized();
  return place.level >= level ? place : forbidden();
}

function requireOneOf({ oneOf }: Resource, { params }: Call): void {
  if (oneOf === undefined || oneOf.some((name) => params.sent(name))) return;
  refuse(400, { error: `${oneOf.join(", ")} are missing, at least one parameter must be provided` });
}

const readable = (resource: Resource, call: Call, place: Place): ResourceRecord[] =>
  call.gitlab.resources
    .in(resource.name, place.key)
    .filter((record) => resource.sees === undefined || resource.sees(record, call, place));

export function findRecord(resource: Resource, call: Call, place: Place): ResourceRecord {
  const sent = call.path[resource.item] ?? "";
  const { key = "id" } = resource;
  const found = readable(resource, call, place).filter((record) =>
    key === "id" ? String(record.id) === sent : String(record.values[key]) === sent,
  );
  return (resource.choose === undefined ? found[0] : resource.choose(found, call)) ?? notFound(resource.missing);
}

/** The record, for those who may change it. */
function findOwn(resource: Resource, call: Call, place: Place): ResourceRecord {
  const record = findRecord(resource, call, place);
  const mine = record.authorId === call.user?.id || place.level >= role.maintainer;
  return resource.ownChanges === true && !mine ? forbidden() : record;
}

/** A record as the answer's schema has it, which is the operation's own unless another is given. */
export function presentRecord(
  resource: Resource,
  record: ResourceRecord,
  call: Call,
  place: Place,
  declared = call.operation.answer?.schema,
): Readonly<Values> {
  const { document, gitlab } = call;
  const schema = declared === undefined ? undefined : document.merged(declared);
  const person = userById(gitlab, record.authorId === 0 ? null : record.authorId);
  const known: Values = {
    ...place.says,
    user: person,
    author: person,
    owner: person,
    created_at: record.createdAt.toISOString(),
    updated_at: record.updatedAt.toISOString(),
    ...resource.defaults,
    ...record.values,
    id: record.id,
    ...resource.present?.(record, call, place),
  };
  return fill(document, schema?.type === "array" ? schema.items : schema, known);
}

/** What a request writes: the parameters of its body, and of its query where the document puts them there. */
function valuesOf(call: Call): Values {
  const parameters = call.operation.parameters.filter(({ in: place }) => place !== "path");
  if (parameters.length === 0) return { ...call.values };
  return Object.fromEntries(
    parameters.flatMap(({ name, schema }) => {
      const value = call.values[name];
      return value === undefined ? [] : [[name, coerce(schema, value)]];
    }),
  );
}

function checkUnique(
  resource: Resource,
  call: Call,
  place: Place,
  values: Values,
  except: ResourceRecord | undefined,
): void {
  const { unique } = resource;
  if (unique === undefined) return;
  const same = call.gitlab.resources
    .in(resource.name, place.key)
    .some((record) => record !== except && unique.fields.every((field) => hasSame(record, field, values, call)));
  if (!same) return;
  const message = typeof unique.message === "function" ? unique.message(values) : unique.message;
  refuse(unique.status ?? 400, typeof message === "string" ? message : { message });
}

const hasSame = (record: ResourceRecord, field: string, values: Values, call: Call): boolean =>
  field === "author" ? record.authorId === call.user?.id : record.values[field] === values[field];

const notFilters = new Set(["page", "per_page", "search", "sort", "order_by", "pagination"]);

/** Query parameters that are called like a field of the record, and `search`, leave out the others. */
function filterOf(resource: Resource, call: Call, place: Place): (record: ResourceRecord) => boolean {
  const search = call.params.text("search")?.toLowerCase();
  const filters = call.operation.parameters.filter(
    ({ name, in: where }) => where === "query" && !notFilters.has(name) && call.params.has(name),
  );
  return (record) => {
    const shown = filters.length === 0 ? {} : presentRecord(resource, record, call, place);
    const matches = filters.every(({ name }) => {
      const value = shown[name];
      return typeof value === "object" || value === undefined || wordOf(value) === call.params.text(name);
    });
    if (!matches || search === undefined || search === "") return matches;
    const fields = resource.search ?? ["name", "title", "description"];
    return fields.some((field) => (wordOf(record.values[field]) ?? "").toLowerCase().includes(search));
  };
}
