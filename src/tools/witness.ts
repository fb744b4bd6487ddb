/**
 * An update that is not to overwrite what its caller has not seen. GitLab's API takes no version of a text, so it is
 * read just before it is written; between the two a window of one request stays.
 */
import type { Credentials } from "../accounts/types.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { WireRequest } from "../http/wire.js";
import { isObject, type Fields } from "../is-object.js";
import type { ToolCallContext } from "./call.js";
import type { ToolDefinition, Witness } from "../definition/definition.js";
import { notSaid, readPresent } from "./read-present.js";
import { witnessName } from "./witness-name.js";

/** @throws {GitLabToolError} `conflict` where the caller says when the thing was last changed, and it was not then */
export async function checkWitness(
  call: ToolCallContext,
  witness: Witness,
  values: Fields,
  wire: WireRequest,
  credentials: Credentials,
): Promise<void> {
  const expected = values[witnessName(witness)];
  if (typeof expected !== "string") return;
  const thing = await readPresent(call, wire, credentials);
  const moment = momentOf(thing[witness.field]);
  if (Number.isNaN(moment)) throw notSaid(`what ${witness.field} is now`, "Call again.");
  if (moment !== momentOf(expected)) throw stale(call.definition, witness, expected, new Date(moment), thing, wire);
}

/** GitLab reads what has no zone as UTC. */
function momentOf(value: unknown): number {
  if (typeof value !== "string") return Number.NaN;
  const text = value.replace(" ", "T");
  return Date.parse(/T.*(?:Z|[+-]\d{2}:?\d{2})$/.test(text) || !text.includes("T") ? text : `${text}Z`);
}

function stale(
  definition: ToolDefinition,
  { read, field }: Witness,
  expected: string,
  moment: Date,
  thing: Fields,
  { body = {} }: WireRequest,
): GitLabToolError {
  const now = moment.toISOString();
  const compared = Object.entries(definition.parameters).flatMap(([name, place]) => {
    const value = place.in === "body" ? body[place.name ?? name] : undefined;
    return value === undefined ? [] : [{ name, same: isThere(place.name ?? name, value, thing) }];
  });
  const differs = compared.filter(({ same }) => same === false).map(({ name }) => name);
  const done = compared.length > 0 && compared.every(({ same }) => same === true);
  const what = done
    ? " All that was to be written is there already."
    : differs.length > 0
      ? ` What it has now differs from what was to be written: ${differs.join(", ")}.`
      : "";
  return new GitLabToolError({
    code: "conflict",
    message: `It has changed since it was read: ${field} is now ${now}, not ${expected}. Nothing was written.${what}`,
    hint: done
      ? "Nothing is left to do."
      : `Call ${read}, bring the change into what is there now, then call again with its ${field} as ${witnessName({ field })}.`,
    details: { reason: "stale", [witnessName({ field })]: expected, [field]: now, differs },
  });
}

/** What the events of GitLab's issues, merge requests and milestones lead to. */
const states: Readonly<Record<string, string>> = { close: "closed", reopen: "opened", activate: "active" };

/** Whether a thing shows a field as it is to be written; undefined where it does not show it. Goes by names. */
function isThere(name: string, value: unknown, thing: Fields): boolean | undefined {
  const { labels, state } = thing;
  if (name === "state_event") return state === undefined ? undefined : state === states[String(value)];
  if (name === "add_labels" || name === "remove_labels") {
    if (!Array.isArray(labels)) return undefined;
    return listOf(value).every((label) => labels.includes(label) === (name === "add_labels"));
  }
  const [, one, many] = /^(.+)_id(s?)$/.exec(name) ?? [];
  const shown = thing[name] ?? (one === undefined ? thing[name] : idsOf(thing[many ? `${one}s` : one]));
  if (shown === undefined) return undefined;
  if (Array.isArray(shown))
    return shown.some(isObject) ? undefined : listOf(value).sort().join() === shown.map(String).sort().join();
  // The id 0 clears.
  return isObject(shown) ? undefined : plain(one !== undefined && value === 0 ? null : value) === plain(shown);
}

function idsOf(shown: unknown): unknown {
  if (Array.isArray(shown)) return shown.filter(isObject).map(({ id }) => id);
  return isObject(shown) ? shown["id"] : shown;
}

const listOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.map(String) : plain(value) === "" ? [] : plain(value).split(",");

/** What clears a field, and an empty one, are the same; GitLab ends lines as it likes. */
function plain(value: unknown): string {
  if (value === null) return "";
  return typeof value === "string" ? value.replaceAll("\r\n", "\n").trim() : JSON.stringify(value);
}
