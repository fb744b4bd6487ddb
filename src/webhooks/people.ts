import { isObject, type Fields } from "../is-object.js";
import type { WebhookKind } from "./bodies.js";

/** Why a delivery concerns somebody. */
export type WebhookReason = "mentioned" | "assigned" | "review_requested";

/** Somebody whom a delivery concerns. Whoever caused it is never among them. */
export interface ConcernedPerson {
  readonly username: string;
  /** GitLab's id, where the payload tells it; a mention tells only the name. */
  readonly id?: number;
  readonly reasons: readonly WebhookReason[];
}

type PersonWithReason = { readonly username: string; readonly id?: number; readonly reason: WebhookReason };

/** Who is newly mentioned, assigned, or asked for a review. */
export function peopleOf(kind: WebhookKind, body: Fields): ConcernedPerson[] {
  const found = [...mentions(kind, body), ...assigned(kind, body), ...reviewers(kind, body)];
  const actor = actorOf(body);
  const people = new Map<string, { username: string; id?: number; reasons: Set<WebhookReason> }>();
  for (const { username, id, reason } of found) {
    const key = username.toLowerCase();
    if (key === actor?.username?.toLowerCase()) continue;
    const person = people.get(key) ?? { username, reasons: new Set() };
    if (id !== undefined) person.id = id;
    person.reasons.add(reason);
    people.set(key, person);
  }
  return [...people.values()].map(({ reasons, ...person }) => ({ ...person, reasons: [...reasons] }));
}

/** Who caused a delivery, where it says. */
export function actorOf(body: Fields): { readonly id?: number; readonly username?: string } | undefined {
  if (isObject(body["user"])) return person(body["user"]);
  // A member event tells of the member, not of who changed the membership.
  if (typeof body["event_name"] === "string" && body["object_kind"] === undefined) return undefined;
  const { user_id: id, user_username: username } = body;
  if (typeof id !== "number" && typeof username !== "string") return undefined;
  return { ...(typeof id === "number" && { id }), ...(typeof username === "string" && { username }) };
}

function person(user: Fields): { readonly id?: number; readonly username?: string } {
  const { id, username } = user;
  return { ...(typeof id === "number" && { id }), ...(typeof username === "string" && { username }) };
}

const object = (value: unknown): Fields => (isObject(value) ? value : {});

/** Users of a list of a payload, each with a name. */
const users = (value: unknown): (Fields & { readonly username: string })[] =>
  (Array.isArray(value) ? value : []).filter(
    (user): user is Fields & { username: string } => isObject(user) && typeof user["username"] === "string",
  );

function mentions(kind: WebhookKind, body: Fields): PersonWithReason[] {
  const attributes = object(body["object_attributes"]);
  if (attributes["system"] === true && kind === "note") return [];
  const change = object(object(body["changes"])["description"]);
  const update = attributes["action"] === "update";
  const [now, before] =
    kind === "note"
      ? // An edited note does not say what it said before: GitLab tells only those whom it newly names, we cannot know.
        [update ? "" : attributes["note"], ""]
      : kind === "issue" || kind === "work_item" || kind === "merge_request"
        ? update
          ? [change["current"], change["previous"]]
          : attributes["action"] === "open"
            ? [attributes["description"], ""]
            : ["", ""]
        : ["", ""];
  const earlier = new Set(mentionsIn(before).map((name) => name.toLowerCase()));
  return mentionsIn(now)
    .filter((name) => !earlier.has(name.toLowerCase()))
    .map((username) => ({ username, reason: "mentioned" }));
}

/**
 * The names that a text mentions, as GitLab reads it: not in code, not in quotes, not within an address.
 *
 * @see https://docs.gitlab.com/user/discussions/#mentions
 */
export function mentionsIn(text: unknown): string[] {
  if (typeof text !== "string") return [];
  const plain = text
    .replace(/^(?<fence>`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^\k<fence>[^\n]*$|$(?![\s\S]))/gm, "")
    .replace(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, "")
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/^ {0,3}>.*$/gm, "");
  const names = [...plain.matchAll(/(?<![\w.@/+-])@([A-Za-z0-9_][\w.-]{0,254})/g)].map(([, name = ""]) =>
    name.replace(/[.-]+$/, ""),
  );
  return [...new Set(names.filter((name) => name !== "" && name !== "all"))];
}

function assigned(kind: WebhookKind, body: Fields): PersonWithReason[] {
  if (kind !== "issue" && kind !== "work_item" && kind !== "merge_request") return [];
  return added(body, "assignees").map((user) => ({ ...named(user), reason: "assigned" }));
}

function reviewers(kind: WebhookKind, body: Fields): PersonWithReason[] {
  if (kind !== "merge_request") return [];
  const again = users(object(object(body["changes"])["reviewers"])["current"]).filter(
    (user) => user["re_requested"] === true,
  );
  return [...added(body, "reviewers"), ...again].map((user) => ({ ...named(user), reason: "review_requested" }));
}

/** Who has come to a list: all when the thing is new, else those who were not in it before. */
function added(body: Fields, list: "assignees" | "reviewers"): (Fields & { readonly username: string })[] {
  if (object(body["object_attributes"])["action"] === "open") return users(body[list]);
  const change = object(object(body["changes"])[list]);
  const before = new Set(users(change["previous"]).map(({ username }) => username));
  return users(change["current"]).filter(({ username }) => !before.has(username));
}

const named = (user: Fields & { readonly username: string }): { readonly username: string; readonly id?: number } => ({
  username: user.username,
  ...(typeof user["id"] === "number" && { id: user["id"] }),
});
