import { graphqlLookups } from "../../../generated/graphql-lookups.js";
import type { Credentials } from "../../accounts/types.js";
import { isObject, type Fields } from "../../is-object.js";
import type { ToolCallContext } from "../call.js";
import type { LostCreate } from "../../definition/definition.js";
import { buildOf, textRequest } from "../graphql/ask.js";
import { textFor } from "../graphql/text.js";
import { sendOnce } from "../send-as.js";
import type { Listed, Page } from "./page.js";
import { filled } from "./sent.js";

/** Pages of what a rule's GraphQL text lists. */
export async function graphqlPage(call: ToolCallContext, rule: LostCreate, credentials: Credentials): Promise<Page> {
  const build = await buildOf(call, credentials);
  const parts = Object.entries(graphqlLookups).find(([name]) => name === rule.in)?.[1] ?? [];
  const text = textFor(parts, build);
  return async (more, sent) => {
    const variables = { ...filled(rule.query ?? {}, sent), ...more };
    const wire = textRequest(text, variables, { isRead: true, idempotent: true });
    const response = await sendOnce(call, wire, { as: "json" }, credentials);
    const { data, errors } = response.ok && isObject(response.data) ? response.data : {};
    if (!isObject(data) || (Array.isArray(errors) && errors.length > 0)) throw new Error("no answer");
    const { items, next } = listedAt(data, rule.items ?? "");
    if (!items) throw new Error("no list");
    return { items, headers: response.headers, ...(next && { next }) };
  };
}

/** What stands at a path of lists inside lists; the outermost of them is the one in pages. */
function listedAt(data: Fields, path: string): Partial<Pick<Listed, "items" | "next">> {
  let found: readonly Fields[] = [data];
  const lists: Fields[] = [];
  for (const step of path.split(".")) {
    found = found.flatMap((one) => {
      const part = one[step];
      if (Array.isArray(part)) return part.filter(isObject);
      if (!isObject(part)) return [];
      if (!Array.isArray(part["nodes"])) return [part];
      lists.push(part);
      return part["nodes"].filter(isObject);
    });
  }
  const [outermost] = lists;
  if (!outermost) return {};
  const { hasNextPage, endCursor } = isObject(outermost["pageInfo"]) ? outermost["pageInfo"] : {};
  return { items: found, ...(hasNextPage === true && { next: { after: String(endCursor) } }) };
}
