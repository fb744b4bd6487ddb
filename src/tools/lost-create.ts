/**
 * What becomes of a create whose answer got lost. GitLab has no key that makes a POST safe to repeat, so the thing is
 * looked for: by whoever is calling, by its own fields, since the call began on GitLab's clock.
 */
import { randomUUID } from "node:crypto";
import type { Credentials } from "../accounts/types.js";
import type { BodyFormat } from "../http/body-format.js";
import type { WireRequest } from "../http/wire.js";
import { isObject, type Fields } from "../is-object.js";
import { lookupFor, type ToolCallContext } from "./call.js";
import type { LostCreate, ToolDefinition } from "../definition/definition.js";
import { beginCreate, endCreate, type OngoingCreate } from "./equal-creates.js";
import type { Runtime } from "./runtime.js";
import { sendAs, sendOnce, type SuccessfulResponse } from "./send-as.js";

/** GitLab's response to a create, or what stands in its place. */
export interface Created {
  readonly response: SuccessfulResponse;
  readonly warnings: readonly string[];
}

type SearchOutcome = { readonly thing: Fields } | { readonly absent: true } | { readonly unsure: string };

/** How many things one look sees. */
const page = 100;

/** Two machines of one GitLab may differ by so much. */
const clockMarginMs = 1000;

/** GitLab may still be at work on what we no longer hear of: before it counts as absent it is looked for twice. */
const looksAfterMs = [250, 750];

/**
 * Sends a create. Where GitLab may have carried it out without our hearing of it, the thing is looked for: found, it is
 * the answer; surely not there, the create is sent again within the call's budget; else the error says how to check.
 */
export async function sendCreate(
  call: ToolCallContext,
  wire: WireRequest,
  format: BodyFormat,
  credentials: Credentials,
): Promise<Created> {
  const { definition, runtime, progress, budget } = call;
  const rule = lookableBy(definition, wire);
  if (!rule || !runtime.lookups.enabled)
    return { response: await sendAs(call, definition, wire, format, credentials), warnings: [] };
  const began = runtime.clock.steady();
  const create = beginCreate(runtime, keyOf(rule, wire, credentials.baseUrl));
  try {
    for (let attempt = 1; ; attempt += 1) {
      // What is left over is for looking.
      const left = budget.deadline - performance.now();
      const within = budget.part(left - Math.min(lookupMs(runtime), left / 3));
      try {
        const response = await sendAs({ ...call, budget: within }, definition, wire, format, credentials);
        return { response, warnings: [] };
      } catch (error) {
        const { status } = progress;
        const done = status !== undefined && status >= 200 && status < 300;
        if (!done && !progress.uncertain) throw error;
        // The caller waits no longer.
        if (budget.signal.aborted) throw error;
        const late = within.signal.aborted;
        const found = await lookFor(call, rule, wire, credentials, began, create);
        if ("thing" in found) {
          const warnings = ["GitLab's answer to this create got lost; it was carried out once, and found again."];
          const response = { ok: true, status: 201, headers: new Headers(), data: found.thing } as const;
          return { response, warnings };
        }
        // GitLab may come to it yet, or has said that it did it.
        const open = done || late || status === 504;
        if ("unsure" in found || open) {
          progress.lost = "unsure" in found ? found.unsure : "it was not to be seen yet";
          throw error;
        }
        progress.uncertain = false;
        if (runtime.retry.reads || attempt >= runtime.retry.attempts || budget.signal.aborted) throw error;
      } finally {
        within.close();
      }
    }
  } finally {
    endCreate(runtime, create);
  }
}

const lookupMs = ({ lookups }: Runtime): number => lookups.timeoutMs + looksAfterMs.reduce((sum, ms) => sum + ms);

/** How a create is looked for, where its answer can be told from others: quick actions are gone from a text that had them. */
function lookableBy({ lost, parameters }: ToolDefinition, wire: WireRequest): LostCreate | undefined {
  if (!lost) return undefined;
  const sent = { ...wire.query, ...wire.body };
  if ([...(lost.unless ?? []), "created_at"].some((name) => sent[name] !== undefined)) return undefined;
  const texts = Object.entries(parameters).filter(([, { text }]) => text === "markdown");
  const acts = texts.some(([name, place]) => /^\s*\//m.test(asText(sent[place.name ?? name])));
  const missing = Object.keys(lost.match).some((name) => sent[name] === undefined);
  return acts || missing ? undefined : lost;
}

const asText = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));

const valuesOf = ({ match }: LostCreate, { query, body }: WireRequest): readonly (readonly [string, string])[] =>
  Object.entries(match).map(([name, shown]) => [shown, asText(body?.[name] ?? query[name])]);

function keyOf(rule: LostCreate, wire: WireRequest, baseUrl: string): string {
  return JSON.stringify([
    baseUrl,
    wire.path,
    wire.pathParameters,
    valuesOf(rule, wire).map(([, value]) => loose(value)),
  ]);
}

/** Looks for it, twice where it is not there. Never throws. */
async function lookFor(
  call: ToolCallContext,
  rule: LostCreate,
  wire: WireRequest,
  credentials: Credentials,
  began: number,
  create: OngoingCreate,
): Promise<SearchOutcome> {
  const { clock } = call.runtime;
  const budget = call.budget.part(lookupMs(call.runtime));
  const lookup = lookupFor({ ...call, budget, identity: { ...call.identity, callId: randomUUID() } });
  const get = async (path: string, pathParameters: WireRequest["pathParameters"], query: WireRequest["query"]) => {
    const question: WireRequest = { method: "GET", path, pathParameters, query, idempotent: true };
    const response = await sendOnce(lookup, question, { as: "json" }, credentials);
    if (!response.ok || response.status !== 200) throw new Error(`status ${response.status}`);
    return { data: response.data, date: response.headers.get("date") };
  };
  try {
    const me = rule.by === undefined ? undefined : (await get("/api/v4/user", {}, {})).data;
    let found: SearchOutcome = { absent: true };
    for (const wait of looksAfterMs) {
      await clock.sleep(wait, budget.signal);
      const sent: Fields = { ...wire.query, ...wire.body };
      const query = Object.entries({ ...rule.query, per_page: String(page) }).map(([name, value]) => [
        name,
        value.replace(/\{(\w+)\}/g, (_, field: string) => String(sent[field])),
      ]);
      const { data, date } = await get(
        wire.path,
        wire.pathParameters,
        Object.fromEntries(query) as WireRequest["query"],
      );
      const since = Date.parse(date ?? "") - (clock.steady() - began) - clockMarginMs;
      found = among(data, rule, wire, isObject(me) ? me["id"] : undefined, since, create);
      if (!("absent" in found)) break;
    }
    return found;
  } catch {
    return { unsure: "looking for it failed" };
  } finally {
    budget.close();
  }
}

/** GitLab trims titles and may fold what is between words: what differs only so may be the thing. */
const loose = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, "");

function among(
  data: unknown,
  rule: LostCreate,
  wire: WireRequest,
  me: unknown,
  since: number,
  create: OngoingCreate,
): SearchOutcome {
  if (!Array.isArray(data) || Number.isNaN(since) || (rule.by !== undefined && me === undefined))
    return { unsure: "GitLab's list could not be read" };
  const expected = valuesOf(rule, wire);
  const items = data.filter(isObject);
  const isByMe = ({ [rule.by ?? ""]: by }: Fields): boolean =>
    rule.by === undefined || (isObject(by) && by["id"] === me);
  const timeOf = (item: Fields): number => Date.parse(String(item["created_at"]));
  const recent = (item: Fields): boolean => !(timeOf(item) < since);
  const alike = items.filter(
    (item) =>
      isByMe(item) && recent(item) && expected.every(([shown, value]) => loose(String(item[shown])) === loose(value)),
  );
  const [thing] = alike;
  if (!thing) {
    const oldest = items.at(-1);
    // There may be more of them on the next page.
    if (items.length >= page && oldest && recent(oldest)) return { unsure: "too much has been made since" };
    return { absent: true };
  }
  if (create.shared) return { unsure: "an equal one was being made at the same time" };
  if (alike.length > 1) return { unsure: `${alike.length} that equal it were made since` };
  if (Number.isNaN(timeOf(thing))) return { unsure: "one that equals it is there, which may be older" };
  const same = expected.every(
    ([shown, value]) => String(item(thing, shown)).trim() === value.replaceAll("\r\n", "\n").trim(),
  );
  return same ? { thing } : { unsure: "one that resembles it was made since" };
}

const item = (thing: Fields, shown: string): unknown =>
  typeof thing[shown] === "string" ? thing[shown].replaceAll("\r\n", "\n") : thing[shown];
