import type { Credentials } from "../../accounts/types.js";
import type { WireRequest } from "../../http/wire.js";
import { isObject } from "../../is-object.js";
import { lookupFor, type ToolCallContext } from "../call.js";
import { instanceFacts } from "../instance.js";
import { sendAs, sendOnce, type Described } from "../send-as.js";
import { refusedText } from "./refusal.js";
import type { TextPart } from "../../definition/graphql-call.js";
import { textFor, type Build } from "./text.js";

const graphqlPath = "/api/graphql";

/** A text with its variables as a request. */
export function textRequest(
  text: string,
  variables: Readonly<Record<string, unknown>>,
  access: { readonly isRead: boolean; readonly idempotent: boolean },
): WireRequest {
  const { isRead, idempotent } = access;
  const place = { method: "POST", path: graphqlPath, pathParameters: {}, query: {} };
  return { ...place, body: { query: text, variables }, idempotent, ...(isRead && { reads: true }) };
}

const described: Described = {
  method: "POST",
  path: graphqlPath,
  access: "read",
  scopes: ["read_api", "api"],
  parameters: {},
};

/** A question that the library asks on its own, for the sake of a call. */
export type Ask = (
  text: readonly TextPart[],
  variables: Readonly<Record<string, unknown>>,
) => Promise<Readonly<Record<string, unknown>>>;

/** Asks with a text; answers its `data`. */
export function asking(call: ToolCallContext, credentials: Credentials, build: Build): Ask {
  return async (text, variables) => {
    const lookup = lookupFor(call);
    const wire = textRequest(textFor(text, build), variables, { isRead: true, idempotent: true });
    const { data: body } = await sendAs(lookup, described, wire, { as: "json" }, credentials);
    const { data, errors } = isObject(body) ? body : {};
    const { requestId } = lookup.progress;
    const context = { isRead: true, build, status: 200, secrets: [credentials.token], ...(requestId && { requestId }) };
    if (Array.isArray(errors) && errors.length > 0)
      throw refusedText(errors, { toolName: call.definition.name, ...context });
    return isObject(data) ? data : {};
  };
}

/** The instance's version and edition; what it does not say is not held against it. */
export async function buildOf(call: ToolCallContext, credentials: Credentials): Promise<Build> {
  // GitLab.com is an Enterprise build, and ahead of every release.
  if (credentials.instance === "gitlab.com") return {};
  const wire = { method: "GET", path: "/api/v4/metadata", pathParameters: {}, query: {}, idempotent: true };
  return await instanceFacts(call.runtime, credentials.baseUrl, async () => {
    const response = await sendOnce(lookupFor(call), wire, { as: "text" }, credentials);
    return { status: response.status, body: response.status === 200 && response.ok ? parsed(response.data) : null };
  });
}

function parsed(text: unknown): unknown {
  try {
    return typeof text === "string" ? (JSON.parse(text) as unknown) : null;
  } catch {
    // What is damaged says nothing.
    return null;
  }
}
