/** What people below a role wrote is left out, or marked, before anything else is made of an answer. */
import type { Credentials } from "../accounts/types.js";
import type { WireRequest } from "../http/wire.js";
import { isObject, type Fields } from "../is-object.js";
import type { Policy, UntrustedBelow } from "../policy/policy.js";
import type { PlaceKind } from "../policy/project-directory.js";
import { roleLevels } from "../policy/role-words.js";
import { checkDepth } from "../views/depth.js";
import { leftOut } from "../views/left-out.js";
import { mapWritten, newNonce, wrap } from "../views/untrusted.js";
import { lookupFor, type ToolCallContext } from "./call.js";
import type { Prepared } from "./prepare.js";
import { sendAs, type Described } from "./send-as.js";

/** The strictest of the policies' words on who is read. */
function strangersPolicy(policies: readonly Policy[]): UntrustedBelow | undefined {
  const said = policies.flatMap(({ untrusted }) => (typeof untrusted === "object" ? [untrusted] : []));
  const [first, ...others] = said;
  if (!first) return undefined;
  return others.reduce(
    (all, { below, show }) => ({
      below: roleLevels[below] > roleLevels[all.below] ? below : all.below,
      show: show === "drop" ? show : all.show,
    }),
    first,
  );
}

/** Where somebody's role counts, and who it is: by id in REST, by username in GraphQL. */
interface Author {
  readonly kind: PlaceKind;
  readonly place: string;
  readonly user: number | string;
}

const nobody = "nobody";
type Who = Author | typeof nobody | undefined;

/** An answer without what people below the role wrote. Whose role cannot be found out counts as below it. */
export async function withoutStrangers(
  call: ToolCallContext,
  { wire, names }: Pick<Prepared, "wire" | "names">,
  credentials: Credentials,
  data: unknown,
): Promise<unknown> {
  const policy = strangersPolicy(call.policies);
  if (!policy) return data;
  const { below, show } = policy;
  const own = names?.place ? { kind: names.place.kind, place: names.place.reference } : ownPlace(call, wire);
  const authors = new Map<string, Author>();
  eachThing(data, undefined, own, (_, who) => {
    if (who !== undefined && who !== nobody) authors.set(keyOf(who), who);
  });
  const trusted = await trustedOf(call, credentials, [...authors.values()], roleLevels[below]);
  const nonce = newNonce();
  const text = leftOut(below, own?.kind ?? "project");
  const hide = (written: string): string => (show === "mark" ? wrap(written, nonce) : text);
  return mapThings(data, undefined, own, (who) =>
    who === undefined || (who !== nobody && trusted.has(keyOf(who))) ? undefined : hide,
  );
}

const keyOf = ({ kind, place, user }: Author): string => JSON.stringify([kind, place.toLowerCase(), user]);

type RolePlace = Pick<Author, "kind" | "place">;

function ownPlace({ definition }: ToolCallContext, { pathParameters }: WireRequest): RolePlace | undefined {
  for (const [name, { in: where, name: wireName = name, ref }] of Object.entries(definition.parameters)) {
    const place = where === "path" ? pathParameters[wireName] : undefined;
    if (place !== undefined && (ref === "project" || ref === "group")) return { kind: ref, place };
  }
  return undefined;
}

/** Things of an answer that have authors of their own, or none: what somebody's text is about, not what they wrote. */
const others = new Set(
  (
    "assignee assignees reviewers milestone iteration epic labels project namespace group user merge_user merged_by " +
    "closed_by pipeline head_pipeline commit commits references _links work_item_type workItemType sprint resolved_by"
  ).split(" "),
);

/** Who wrote the texts of a thing: whoever wrote the one around it, unless it says so itself. */
function writerOf(thing: Fields, around: Who, own: RolePlace | undefined): Who {
  const place = placeOf(thing, own);
  if ("author" in thing || "author_id" in thing) {
    const { author, author_id: id } = thing;
    const user = isObject(author) ? (author["id"] ?? author["username"]) : id;
    const known = typeof user === "number" || (typeof user === "string" && !user.startsWith("gid://"));
    const named = known ? user : isObject(author) ? author["username"] : undefined;
    return place && (typeof named === "number" || typeof named === "string") ? { ...place, user: named } : nobody;
  }
  // A thing with a number of its own, whose author the answer does not name.
  return "iid" in thing ? nobody : around;
}

function placeOf(thing: Fields, own: RolePlace | undefined): RolePlace | undefined {
  const { project_id: id, group_id: groupId, project, namespace } = thing;
  if (typeof id === "number") return { kind: "project", place: String(id) };
  if (isObject(project) && typeof project["id"] === "number") return { kind: "project", place: String(project["id"]) };
  if (typeof groupId === "number") return { kind: "group", place: String(groupId) };
  const path = isObject(namespace) ? namespace["fullPath"] : undefined;
  if (typeof path !== "string") return own;
  return path.toLowerCase() === own?.place.toLowerCase() ? own : { kind: "project", place: path };
}

/** Calls `see` for every object of an answer with who wrote its texts. */
function eachThing(
  data: unknown,
  around: Who,
  own: RolePlace | undefined,
  see: (thing: Fields, who: Who) => void,
  depth = 0,
): void {
  if (typeof data !== "object" || data === null) return;
  checkDepth(depth);
  if (Array.isArray(data)) return data.forEach((item) => eachThing(item, around, own, see, depth + 1));
  const thing = data as Fields;
  const who = writerOf(thing, around, own);
  see(thing, who);
  for (const [name, value] of Object.entries(thing))
    eachThing(value, others.has(name) ? undefined : who, placeOf(thing, own), see, depth + 1);
}

/** The answer with the texts of each thing changed as its writer wants it. */
function mapThings(
  data: unknown,
  around: Who,
  own: RolePlace | undefined,
  change: (who: Who) => ((text: string) => string) | undefined,
  depth = 0,
): unknown {
  if (typeof data !== "object" || data === null) return data;
  checkDepth(depth);
  if (Array.isArray(data)) return data.map((item) => mapThings(item, around, own, change, depth + 1));
  const thing = data as Fields;
  const who = writerOf(thing, around, own);
  const hide = change(who);
  const place = placeOf(thing, own);
  return Object.fromEntries(
    Object.entries(thing).map(([name, value]) => {
      const isOthers = others.has(name);
      if (hide && !isOthers && isText(value)) return [name, mapWritten(name, value, hide)];
      return [name, mapThings(value, isOthers ? undefined : who, place, change, depth + 1)];
    }),
  );
}

const isText = (value: unknown): value is string | readonly string[] =>
  typeof value === "string" ||
  (Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string"));

const atOnce = 100;

const described: Described = {
  ...{ method: "GET", path: "", access: "read", scopes: ["read_api", "api"], parameters: {} },
};

/** Those of the authors who have the role. */
async function trustedOf(
  call: ToolCallContext,
  credentials: Credentials,
  authors: readonly Author[],
  least: number,
): Promise<ReadonlySet<string>> {
  const account = [credentials.baseUrl, call.account];
  const trusted = new Set<string>();
  const places = new Map<string, Author[]>();
  for (const author of authors) {
    const key = JSON.stringify([author.kind, author.place.toLowerCase()]);
    places.set(key, [...(places.get(key) ?? []), author]);
  }
  await Promise.all(
    [...places.values()].map(async (some) => {
      const asked = new Map<number, Promise<ReadonlyMap<number | string, number>>>();
      const ids = some.map(({ user }) => user).filter((user) => typeof user === "number");
      for (const author of some) {
        const level = await call.runtime.roles
          .resolve([...account, author.kind, author.place.toLowerCase(), String(author.user)], async () => {
            if (typeof author.user === "string")
              return (await ask(author, { query: author.user })).get(author.user) ?? 0;
            // Those who come together in an answer are asked for together.
            const part = Math.floor(ids.indexOf(author.user) / atOnce);
            const together = ids.slice(part * atOnce, (part + 1) * atOnce).map(String);
            let answer = asked.get(part);
            if (!answer) asked.set(part, (answer = ask(author, { "user_ids[]": together })));
            return (await answer).get(author.user) ?? 0;
          })
          .catch(() => {
            call.budget.signal.throwIfAborted();
            return 0;
          });
        if (level >= least) trusted.add(keyOf(author));
      }
    }),
  );
  return trusted;

  async function ask(
    { kind, place }: Author,
    query: WireRequest["query"],
  ): Promise<ReadonlyMap<number | string, number>> {
    const path = `/api/v4/${kind}s/{id}/members/all`;
    const wire: WireRequest = {
      ...{ method: "GET", path, pathParameters: { id: place }, idempotent: true },
      query: { ...query, per_page: String(atOnce) },
    };
    const { data: members } = await sendAs(lookupFor(call), { ...described, path }, wire, { as: "json" }, credentials);
    const levels = new Map<number | string, number>();
    for (const member of Array.isArray(members) ? members.filter(isObject) : []) {
      const { id, username, access_level: level, state } = member;
      if (typeof level !== "number" || (state !== undefined && state !== "active")) continue;
      for (const name of [id, username])
        if (typeof name === "number" || typeof name === "string")
          levels.set(name, Math.max(level, levels.get(name) ?? 0));
    }
    return levels;
  }
}
