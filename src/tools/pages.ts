import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { nextLink } from "../http/head.js";
import { isOnInstance } from "../http/on-instance.js";
import type { HeaderReader } from "../http/transport.js";
import type { WireRequest } from "../http/wire.js";
import type { CallOptions } from "./account.js";
import type { OuterCall } from "./call.js";
import type { ToolDefinition } from "../definition/definition.js";
import { execute, type CallOwner } from "./execute.js";
import type { Runtime } from "./runtime.js";

/**
 * Every item of a list, a page at a time, the next one asked for only when the loop gets there. The next page is where
 * GitLab's `Link` header says, which covers offset and keyset pagination (GitLab documentation, "REST API pagination").
 */
export async function* pages(
  runtime: Runtime,
  caller: CallOwner,
  definition: ToolDefinition,
  input: unknown,
  options: CallOptions = {},
  outer?: OuterCall,
): AsyncGenerator<unknown, void, undefined> {
  if (options?.dryRun) {
    throw new GitLabToolError({
      code: "invalid_input",
      message: `pages() of ${definition.name} cannot be used with dryRun: where the next page is, only an answer says.`,
      hint: "Call the tool itself with dryRun: true to see the request of the first page.",
      toolName: definition.name,
      details: { fields: [{ field: "dryRun", message: "cannot be combined with pages()" }] },
    });
  }
  if (definition.graphql) return yield* pagesByCursor(runtime, caller, definition, input, options);
  let query: WireRequest["query"] | undefined;
  do {
    const { result, headers, baseUrl } = await execute(runtime, caller, definition, input, options, {
      ...(query && { nextQuery: query }),
      ...(outer && { outer }),
    });
    if (!Array.isArray(result.data)) return;
    yield* result.data;
    query = nextQuery(definition, headers, baseUrl, query);
  } while (query);
}

/** A GraphQL list says itself where its next page begins (https://docs.gitlab.com/api/graphql/#pagination). */
async function* pagesByCursor(
  runtime: Runtime,
  caller: CallOwner,
  definition: ToolDefinition,
  input: unknown,
  options: CallOptions,
): AsyncGenerator<unknown, void, undefined> {
  let after: string | undefined;
  do {
    const { result } = await execute(
      runtime,
      caller,
      definition,
      after === undefined ? input : { ...asObject(input), after },
      options,
    );
    if (!Array.isArray(result.data)) return;
    yield* result.data;
    const next = result.page?.nextCursor;
    // A cursor that does not move would never end.
    after = next === after ? undefined : next;
  } while (after !== undefined);
}

const asObject = (input: unknown): object => (typeof input === "object" && input !== null ? input : {});

/** The next page's query. Only the query is taken from the link: path and origin stay the connection's own. */
function nextQuery(
  definition: ToolDefinition,
  headers: HeaderReader,
  baseUrl: string,
  last: WireRequest["query"] | undefined,
): WireRequest["query"] | undefined {
  const link = nextLink(headers);
  if (link === undefined) return undefined;
  const url = URL.canParse(link, baseUrl) ? new URL(link, baseUrl) : undefined;
  if (!url || !isOnInstance(url, baseUrl)) {
    throw new GitLabToolError({
      code: "connection_misconfigured",
      message: `GitLab's link to the next page leads to ${url?.host ?? "nowhere"}, not to ${new URL(baseUrl).host}; it was not followed.`,
      hint: "Ask the instance's administrator to set GitLab's external URL to the address that the connection uses.",
      toolName: definition.name,
    });
  }
  const query: Record<string, string | string[]> = {};
  for (const name of new Set(url.searchParams.keys())) {
    const values = url.searchParams.getAll(name);
    const [only] = values;
    query[name] = values.length === 1 && only !== undefined && !name.endsWith("[]") ? only : values;
  }
  return last && JSON.stringify(last) === JSON.stringify(query) ? undefined : query;
}
