/** Looks for what a create may have made, where GitLab lists such things. */
import { randomUUID } from "node:crypto";
import type { Credentials } from "../../accounts/types.js";
import { readPage } from "../../http/head.js";
import type { WireRequest } from "../../http/wire.js";
import { isObject, type Fields } from "../../is-object.js";
import { lookupFor, type ToolCallContext } from "../call.js";
import type { LostCreate } from "../../definition/definition.js";
import type { Runtime } from "../runtime.js";
import { sendOnce } from "../send-as.js";
import { among, isBy, madeAt, type Expected, type SearchOutcome } from "./found.js";
import type { Listed, Page } from "./page.js";
import { apartBy, expectedOf, filled, type Sent } from "./sent.js";

/** How many things one page of REST has. */
const perPage = 100;

/** A list is read so far; of a longer one nobody can say that something is not in it. */
const mostPages = 10;

/** Two machines of one GitLab may differ by so much. */
const clockMarginMs = 1000;

/** GitLab may still be at work on what we no longer hear of: before it counts as absent it is looked for twice. */
const looksAfterMs = [250, 750];

/** How long looking may take. */
export const lookMs = ({ lookups }: Runtime): number => lookups.timeoutMs + looksAfterMs.reduce((sum, ms) => sum + ms);

/** What is looked for. */
export interface Lost {
  readonly rule: LostCreate;
  readonly sent: Sent;
  readonly wire: WireRequest;
  /** When the call began, by the client's steady clock. */
  readonly began: number;
  /** An equal one may begin as long as it is looked for. */
  readonly create: { readonly shared: boolean };
  readonly isMade: boolean;
}

/** Looks for it, twice where it is not there. Never throws. */
export async function lookFor(call: ToolCallContext, lost: Lost, credentials: Credentials): Promise<SearchOutcome> {
  const { clock } = call.runtime;
  const { rule, wire } = lost;
  const budget = call.budget.part(lookMs(call.runtime));
  const lookup = lookupFor({ ...call, budget, identity: { ...call.identity, callId: randomUUID() } });
  const get = async (path: string, pathParameters: WireRequest["pathParameters"], query: WireRequest["query"]) => {
    const question: WireRequest = { method: "GET", path, pathParameters, query, idempotent: true };
    const response = await sendOnce(lookup, question, { as: "json" }, credentials);
    if (!response.ok || response.status !== 200) throw new Error(`status ${response.status}`);
    return { data: response.data, headers: response.headers };
  };
  const restPage: Page = async (more, sent) => {
    const query = { ...filled(rule.query ?? {}, sent), per_page: String(perPage), ...more };
    const { data: whole, headers } = await get(rule.in ?? wire.path, wire.pathParameters, query);
    const data = rule.items === undefined ? whole : isObject(whole) ? whole[rule.items] : undefined;
    if (!Array.isArray(data)) throw new Error("no list");
    const { hasMore, nextPage } = readPage(headers);
    // Where nothing is said of pages, a list of just so many may go on.
    const goesOn = hasMore || (headers.get("x-per-page") === null && data.length === perPage);
    const next = goesOn ? { page: String(nextPage ?? Number(more["page"] ?? 1) + 1) } : undefined;
    return { items: data.filter(isObject), headers, ...(next && { next }) };
  };
  try {
    const me = rule.by === undefined ? undefined : (await get("/api/v4/user", {}, {})).data;
    if (rule.by !== undefined && !isObject(me)) return { unsure: "who is calling could not be read" };
    const mine = isObject(me) ? me : undefined;
    const sent = { ...lost.sent, ...(mine && { "me.username": mine["username"] }) };
    const page = call.definition.graphql
      ? await (await import("./graphql-page.js")).graphqlPage(lookup, rule, credentials)
      : restPage;
    let found: SearchOutcome = { absent: true };
    for (const wait of looksAfterMs) {
      await clock.sleep(wait, budget.signal);
      found = await look(lost, sent, mine, page, () => clock.steady());
      // What comes late may come yet; and what is absent now may be there in a moment.
      if ("thing" in found || ("unsure" in found && !rule.late)) break;
    }
    if (!("thing" in found)) return found;
    return rule.one === undefined ? found : await whole(rule, found.thing, mine, get, wire);
  } catch {
    return { unsure: "looking for it failed" };
  } finally {
    budget.close();
  }
}

async function look(
  lost: Lost,
  sent: Sent,
  me: Fields | undefined,
  page: Page,
  now: () => number,
): Promise<SearchOutcome> {
  const { rule, began, create, isMade } = lost;
  const items: Fields[] = [];
  let more: Readonly<Record<string, string>> | undefined = {};
  let since = NaN;
  let isComplete = false;
  for (let pages = 0; more && !isComplete && pages < mostPages; pages += 1) {
    const listed: Listed = await page(more, sent);
    if (pages === 0) since = Date.parse(listed.headers.get("date") ?? "") - (now() - began) - clockMarginMs;
    if (Number.isNaN(since)) return { unsure: "GitLab's list could not be read" };
    items.push(...listed.items);
    const last = listed.items.at(-1);
    const isOlder = last !== undefined && madeAt(last, rule) < since;
    isComplete = listed.next === undefined || (isNewestFirst(rule) && isOlder);
    // Where not to be seen says nothing, what is older need not be read.
    more = rule.late && isOlder ? undefined : listed.next;
  }
  const expected: Expected = {
    rule,
    fields: expectedOf(rule, sent),
    apart: apartBy(rule, sent),
    says: Object.entries(filled(rule.says ?? {}, sent)),
    me,
    since,
    shared: create.shared,
    isMade,
  };
  return among(items, isComplete, expected);
}

const isNewestFirst = ({ query = {} }: LostCreate): boolean => /desc$/i.test(query["sort"] ?? "");

type Get = (
  path: string,
  pathParameters: WireRequest["pathParameters"],
  query: WireRequest["query"],
) => Promise<{ readonly data: unknown }>;

/** The thing as it is read by itself, which a list shows less of. */
async function whole(
  rule: LostCreate,
  listed: Fields,
  me: Fields | undefined,
  get: Get,
  { pathParameters }: WireRequest,
): Promise<SearchOutcome> {
  const path = rule.one ?? "";
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const own = names.map((name) => [name, pathParameters[name] ?? String(listed[name] ?? listed["id"])]);
  const { data } = await get(path, Object.fromEntries(own) as WireRequest["pathParameters"], {});
  if (!isObject(data)) return { unsure: "what was found could not be read" };
  return isBy(data, { rule, me }, true)
    ? { thing: data }
    : { unsure: "one that equals it was made since, by somebody else" };
}
