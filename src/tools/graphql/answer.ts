import type { Credentials } from "../../accounts/types.js";
import type { PageInfo } from "../../views/page-info.js";
import { isObject } from "../../is-object.js";
import type { ToolCallContext } from "../call.js";
import type { ToolDefinition } from "../../definition/definition.js";
import type { GraphQLCall } from "../../definition/graphql-call.js";
import { ofOlderEpics, refusedError, refusedText, type RefusedText } from "./refusal.js";
import type { Build } from "./text.js";

/** What a GraphQL answer comes to. */
export interface GraphQLResult {
  readonly data: unknown;
  readonly page?: PageInfo;
  readonly warnings: readonly string[];
}

/**
 * Reads a response of GitLab's GraphQL API, which is 200 whether or not the request could be carried out.
 *
 * @see https://docs.gitlab.com/api/graphql/#errors
 * @throws {GitLabToolError} what its errors mean; `not_found` where what was asked for is null
 */
export function readGraphQL(
  { definition, progress: { requestId } }: ToolCallContext,
  { result }: GraphQLCall,
  { status, data: body }: { readonly status: number; readonly data: unknown },
  { build = {}, credentials }: { readonly build?: Build; readonly credentials: Credentials },
): GraphQLResult {
  const { name: toolName, tier, access, see } = definition;
  const finder = Object.values(definition.parameters).findLast((place) => place.finder !== undefined)?.finder;
  const refused: RefusedText = {
    ...{ toolName, status, build, isRead: access === "read", secrets: [credentials.token] },
    ...(finder !== undefined && { finder }),
    ...(requestId !== undefined && { requestId }),
    ...(tier && { tier }),
    ...(see && { see }),
  };
  const { data, errors } = isObject(body) ? body : {};
  const reported = Array.isArray(errors) ? errors : [];
  const found = pick(data, result);
  const own = definition.access === "read" ? [] : payloadErrors(data);
  if (own.length > 0) throw refusedText(own, refused);
  if (found === undefined || found === null) {
    if (reported.length > 0) throw refusedText(reported, refused);
    throw nothingThere(definition, data, result, refused);
  }
  const warnings = [...reported.slice(0, 5).map((error) => refusedText([error], refused).message), ...cutLists(found)];
  if (definition.list !== true) return { data: found, warnings };
  return { ...listOf(found), warnings };
}

/** A part of an answer by a path: `a|b` is whichever is there; of a list the first item that has the name. */
function pick(data: unknown, path: string): unknown {
  let found: unknown = data;
  for (const step of path.split(".")) {
    const names = step.split("|");
    const holders: unknown[] = Array.isArray(found) ? found : [found];
    found = holders.filter(isObject).flatMap((one) => names.flatMap((name) => (name in one ? [one[name]] : [])))[0];
  }
  return found;
}

/** A mutation that the rules refuse says so beside its object. */
function payloadErrors(data: unknown): readonly unknown[] {
  const payloads = isObject(data) ? Object.values(data).filter(isObject) : [];
  return payloads.flatMap(({ errors }) => (Array.isArray(errors) ? (errors as unknown[]) : []));
}

/** Null says that something is missing or may not be seen, and where it stands which. */
function nothingThere(
  { parameters, name }: ToolDefinition,
  data: unknown,
  path: string,
  refused: RefusedText,
): ReturnType<typeof refusedError> {
  const [root = ""] = path.split(".");
  const rootThere = pick(data, root);
  const isPlace = /^(?:namespace|project|group)/.test(root) && (rootThere === null || rootThere === undefined);
  const owner =
    "project_id" in parameters && "group_id" in parameters
      ? "project or group"
      : "group_id" in parameters
        ? "group"
        : "project";
  const place = owner === "group" ? parameters["group_id"] : parameters["project_id"];
  if (isPlace)
    return refusedError(
      {
        code: owner === "group" ? "not_found" : "project_not_found",
        message: `There is no such ${owner} that this user can see.`,
        hint: place?.finder === undefined ? "Check its path." : `Call ${place.finder} to find it.`,
      },
      refused,
    );
  const finder = refused.finder;
  const epics = "work_item" in parameters && "group_id" in parameters ? ofOlderEpics(refused.build) : "";
  return refusedError(
    {
      code: "not_found",
      message: `${name} found nothing of that number or name that this user can see${refused.tier ? `; it needs a ${refused.tier} plan as well` : ""}.`,
      hint: `${finder === undefined ? "Check the numbers and names." : `Call ${finder} to find what there is.`}${epics}`,
    },
    refused,
  );
}

/** The items of a connection and where its page stands, or a plain list. */
function listOf(found: unknown): Pick<GraphQLResult, "data" | "page"> {
  if (Array.isArray(found)) return { data: withoutNulls(found), page: { hasMore: false } };
  const { nodes, pageInfo, count } = isObject(found) ? found : {};
  const { hasNextPage, endCursor } = isObject(pageInfo) ? pageInfo : {};
  const next = hasNextPage === true && typeof endCursor === "string" ? endCursor : undefined;
  return {
    data: withoutNulls(Array.isArray(nodes) ? nodes : []),
    page: {
      hasMore: next !== undefined,
      ...(next !== undefined && { nextCursor: next }),
      ...(typeof count === "number" && { total: count }),
    },
  };
}

/** What one may not see is null in a list. */
const withoutNulls = (items: readonly unknown[]): unknown[] => items.filter((item) => item !== null);

/** Lists inside the answer of which GitLab has more than the text asks for. */
function cutLists(found: unknown): string[] {
  const names = new Set<string>();
  const walk = (part: unknown, name: string, depth: number): void => {
    if (depth > 40) return;
    if (Array.isArray(part)) for (const item of part) walk(item, name, depth + 1);
    if (!isObject(part)) return;
    const { pageInfo } = part;
    if (name !== "" && isObject(pageInfo) && pageInfo["hasNextPage"] === true) names.add(name);
    for (const [inner, value] of Object.entries(part)) walk(value, inner, depth + 1);
  };
  walk(found, "", 0);
  return [...names].map((name) => `There are more ${name} than are shown.`);
}
