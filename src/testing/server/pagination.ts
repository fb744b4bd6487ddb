import { refuse, type Call, type ListAnswer } from "./handler.js";
import { jsonReply, type Reply } from "./reply.js";

const maxPerPage = 100;
const maxOffset = 50_000;
/** Above so many items GitLab does not count. */
const maxTotal = 10_000;

/** Cuts a list into the page that was asked for. */
export function paginate(call: Call, list: ListAnswer, headers: Readonly<Record<string, string>> = {}): Reply {
  const perPage = Math.min(maxPerPage, atLeastOne(call.params.integer("per_page"), 20));
  return wantsKeyset(call, list) ? keysetPage(call, list, perPage, headers) : offsetPage(call, list, perPage, headers);
}

const atLeastOne = (value: number | undefined, otherwise: number): number =>
  value === undefined || value < 1 ? otherwise : value;

function wantsKeyset(call: Call, { keyset }: ListAnswer): boolean {
  if (call.params.text("pagination") !== "keyset") return keyset?.parameter === "cursor" && call.params.has("cursor");
  if (keyset === undefined) refuse(405, { error: "Keyset pagination is not yet available for this type of request" });
  return true;
}

function offsetPage(call: Call, list: ListAnswer, perPage: number, headers: Readonly<Record<string, string>>): Reply {
  const page = atLeastOne(call.params.integer("page"), 1);
  const start = (page - 1) * perPage;
  if (start > maxOffset && list.keyset !== undefined) {
    refuse(405, {
      error: `Offset pagination has a maximum allowed offset of ${String(maxOffset)} for requests that return objects of this type. Remaining records can be retrieved using keyset pagination.`,
    });
  }
  const counted = list.length <= maxTotal && list.withoutTotals !== true;
  const pages = Math.max(1, Math.ceil(list.length / perPage));
  const next = start + perPage < list.length ? page + 1 : undefined;
  const previous = page > 1 ? page - 1 : undefined;
  const link = [
    ...(previous === undefined ? [] : [linkTo(call, { page: previous, per_page: perPage }, "prev")]),
    ...(next === undefined ? [] : [linkTo(call, { page: next, per_page: perPage }, "next")]),
    linkTo(call, { page: 1, per_page: perPage }, "first"),
    ...(counted ? [linkTo(call, { page: pages, per_page: perPage }, "last")] : []),
  ];
  return jsonReply(200, list.slice(start, start + perPage), {
    ...headers,
    link: link.join(", "),
    "x-page": String(page),
    "x-per-page": String(perPage),
    "x-next-page": String(next ?? ""),
    "x-prev-page": String(previous ?? ""),
    ...(counted ? { "x-total": String(list.length), "x-total-pages": String(pages) } : {}),
  });
}

function keysetPage(call: Call, list: ListAnswer, perPage: number, headers: Readonly<Record<string, string>>): Reply {
  const { keyset } = list;
  if (keyset === undefined) return jsonReply(200, []);
  const start = startOf(call, list, keyset);
  const end = start + perPage;
  const more = end < list.length;
  const place = keyset.keyAt(end - 1);
  const value = keyset.parameter === "cursor" ? encodeCursor(place, end) : place;
  const next = { pagination: "keyset", per_page: perPage, [keyset.parameter]: value };
  return jsonReply(200, list.slice(start, end), {
    ...headers,
    ...(more ? { link: linkTo(call, next, "next") } : {}),
  });
}

function startOf(call: Call, list: ListAnswer, keyset: NonNullable<ListAnswer["keyset"]>): number {
  const cursorText = call.params.text(keyset.parameter);
  // `id_after` and `id_before` are filters: the list already begins after them.
  if (cursorText === undefined || cursorText === "" || keyset.parameter.startsWith("id_")) return 0;
  const cursor = keyset.parameter === "cursor" ? decodeCursor(cursorText) : { key: cursorText, index: -1 };
  const found = cursor === undefined ? -1 : indexOfKey(list, keyset, cursor.key);
  if (found >= 0) return found + 1;
  // The item is gone meanwhile: go on at its place.
  if (cursor !== undefined && cursor.index >= 0) return Math.min(cursor.index - 1, list.length);
  return refuse(400, { error: `${keyset.parameter} is invalid` });
}

function indexOfKey(list: ListAnswer, keyset: NonNullable<ListAnswer["keyset"]>, key: string): number {
  for (let index = 0; index < list.length; index += 1) if (keyset.keyAt(index) === key) return index;
  return -1;
}

const encodeCursor = (key: string, index: number): string =>
  Buffer.from(JSON.stringify({ key, index })).toString("base64url");

function decodeCursor(cursor: string): { key: string; index: number } | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (typeof value !== "object" || value === null || !("key" in value) || !("index" in value)) return undefined;
    return { key: String(value.key), index: Number(value.index) };
  } catch {
    return undefined;
  }
}

function linkTo(call: Call, changes: Readonly<Record<string, string | number>>, relation: string): string {
  const { origin, pathname, searchParams } = call.url;
  const query = new URLSearchParams(searchParams);
  if (changes["pagination"] === "keyset") query.delete("page");
  query.delete("private_token");
  query.delete("access_token");
  for (const [name, value] of Object.entries(changes)) query.set(name, String(value));
  return `<${origin}${pathname}?${query.toString()}>; rel="${relation}"`;
}
