import { GitLabToolError } from "../../errors/gitlab-tool-error.js";
import { isObject } from "../../is-object.js";
import type { PageInfo } from "../../views/page-info.js";
import type { CallOptions } from "../account.js";
import { credentialsOf } from "../approve.js";
import type { Executed, ToolCallContext } from "../call.js";
import type { ToolDefinition } from "../../definition/definition.js";
import type { Older, ToldValues } from "../../definition/graphql-call.js";
import { lookUp } from "../lookup.js";
import type { Prepared } from "../prepare.js";
import { invalid } from "../validate.js";
import { buildOf } from "./ask.js";
import { madeOf } from "./made-of.js";
import type { InputNames, NamedItem } from "./names-given.js";
import { lacks } from "./refusal.js";
import { has, type Build } from "./text.js";

/** The two ways that a call can go. */
export interface Ways {
  /** By the tool's own text. */
  readonly newer: () => Promise<Executed>;
  /** By another tool, as a step of the call. */
  readonly step: (tool: ToolDefinition, input: unknown, options: CallOptions) => Promise<Executed>;
}

/**
 * A call of a tool whose text older instances do not understand: these are asked by the REST API's tool that the manifest
 * names, as a step of the call, under the same policies and within the same budget. An instance that does not say its
 * version is older where it does not know what the text asks for.
 *
 * @throws {GitLabToolError} `not_available` for input that the other tool has no parameter for
 */
export async function byAge(
  call: ToolCallContext,
  prepared: Prepared,
  options: CallOptions,
  older: Older,
  { newer, step }: Ways,
): Promise<Executed> {
  const tool = await lookUp(older.tool);
  const build = await buildOf(call, await credentialsOf(call));
  const { names } = prepared;
  const isOlder = !has(build, { since: older.before });
  if (build.enterprise === false || !names || !isFor(tool, names)) return await newer();
  if (isOlder) return await asked();
  if (build.version !== undefined) return await newer();
  return await newer().catch(async (error: unknown) => {
    if (error instanceof GitLabToolError && error.code === "not_available") return await asked();
    throw error;
  });

  async function asked(): Promise<Executed> {
    const input = inputOf(call, prepared, older, build);
    const { signal, timeoutMs, conversation, dryRun } = options;
    const stepOptions: CallOptions = {
      ...(signal && { signal }),
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(conversation !== undefined && { conversation }),
      ...(dryRun && { dryRun }),
    };
    const executed = await step(tool, input, stepOptions).catch((error: unknown) => {
      throw asOwn(error, call.definition);
    });
    return dryRun ? executed : shown(prepared, older, executed);
  }
}

/** Whether the call is about a place of the kind that the other tool takes. */
const isFor = ({ parameters }: ToolDefinition, { place }: InputNames): boolean =>
  place !== undefined && parameters[`${place.kind}_id`] !== undefined;

/** The other tool's input; a cursor of ours is the number of a page. */
function inputOf(
  { definition }: ToolCallContext,
  { values, names }: Prepared,
  older: Older,
  build: Build,
): Record<string, unknown> {
  const input: Record<string, unknown> = { ...older.always };
  const refused = (what: string): GitLabToolError => lacks(definition.name, what, { since: older.before }, build);
  if (names?.place) input[`${names.place.kind}_id`] = names.place.reference;
  for (const [name, place] of Object.entries(definition.parameters)) {
    const value = values[name] === undefined ? place.fill : values[name];
    if (value === undefined || place.ref !== undefined) continue;
    const told = older.input[name];
    if (told === undefined) throw refused(name);
    if (typeof told !== "string") {
      const values = isByWord(told) ? wordOf(told, value) : withValue(told, value);
      if (!values) throw refused(`${name}: ${plain(value)}`);
      Object.assign(input, values);
    } else if (place.names === "work_item") {
      const iid = iidOf(names?.items.get(name));
      if (iid === undefined) throw refused(`${name}: ${plain(value)}`);
      input[told] = iid;
    } else input[told] = told === "page" ? pageOf(definition, name, value) : value;
  }
  return input;
}

const plain = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

type ByWord = Readonly<Record<string, ToldValues>>;
const isByWord = (told: ToldValues | ByWord): told is ByWord => Object.values(told).every(isObject);

function wordOf(told: ByWord, value: unknown): ToldValues | undefined {
  const word = plain(value).toLowerCase();
  return Object.entries(told).find(([one]) => one.toLowerCase() === word)?.[1];
}

const withValue = (told: ToldValues, value: unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(told).map(([name, one]) => [name, one === "$" ? value : one]));

/** The number of the one work item that is named, which is of the call's place. */
function iidOf(items: readonly NamedItem[] = []): number | undefined {
  const [item] = items;
  return item && "iid" in item ? Number(item.iid) : undefined;
}

const cursor = /^page-([1-9]\d{0,8})$/;

function pageOf(definition: ToolDefinition, field: string, value: unknown): number {
  const page = cursor.exec(plain(value))?.[1];
  if (page !== undefined) return Number(page);
  const message = "is no cursor of this instance's: give the one that the page before showed, or none";
  throw invalid(definition, [{ field, message }]);
}

function shown({ show }: Prepared, { answer }: Older, { result, ...executed }: Executed): Executed {
  const { data, page, warnings = [], ...rest } = result;
  const made = Array.isArray(data) ? data.map((item) => madeOf(answer, item)) : madeOf(answer, data);
  const { data: presented, warnings: own } = show(made);
  const all = [...warnings, ...own];
  return {
    ...executed,
    result: {
      ...rest,
      data: presented,
      ...(page && { page: byCursor(page) }),
      ...(all.length > 0 && { warnings: all }),
    },
  };
}

const byCursor = ({ hasMore, nextPage, total }: PageInfo): PageInfo => ({
  hasMore,
  ...(nextPage !== undefined && { nextCursor: `page-${nextPage}` }),
  ...(total !== undefined && { total }),
});

/** The error of a step as the tool's own that the caller knows. */
function asOwn(error: unknown, { name: toolName }: ToolDefinition): unknown {
  if (!(error instanceof GitLabToolError)) return error;
  const { code, message, hint, retryable, status, requestId, details, cause, toolName: step } = error;
  return new GitLabToolError({
    ...{ code, message, retryable, toolName, cause },
    ...(hint !== undefined && { hint }),
    ...(status !== undefined && { status }),
    ...(requestId !== undefined && { requestId }),
    details: { ...details, ...(step !== undefined && { step }) },
  });
}
