/** What requests and answers look like: the one source of what is checked, typed and documented. */
import * as z from "zod";
import { definitionFormats } from "../adapters/formats.js";
import { errorCodes } from "../errors/codes.js";
import { accesses } from "../policy/access.js";

/** Schemas that the OpenAPI document names. */
export const named = z.registry<{ id: string }>();

function name<Schema extends z.ZodType>(id: string, schema: Schema): Schema {
  named.add(schema, { id });
  return schema;
}

const text = (description: string) => z.string().meta({ description });
const time = (description: string) => z.string().meta({ description: `${description} ISO 8601.`, format: "date-time" });

export const access = z.enum(accesses);

const connectionName = z.string().min(1).default("gitlab").meta({ description: "The connection's name." });
const identifier = z.string().min(1).max(512).meta({ description: "Your own id of the person." });

/** Whose account. */
export const accountFields = { connection_name: connectionName, identifier };

export const accountRef = name("AccountRef", z.strictObject(accountFields));

export const status = z.enum(["PENDING", "ACTIVE", "EXPIRED", "REVOKED"]);

export const connectedAccount = name(
  "ConnectedAccount",
  z.looseObject({
    id: z.string(),
    connection_name: z.string(),
    identifier: z.string(),
    status: status.meta({ description: "`ACTIVE` once the person has authorized it." }),
    scopes: z.array(z.string()).meta({ description: "OAuth scopes that were granted; empty while unknown." }),
    base_url: text("The GitLab instance."),
    gitlab_user: z
      .looseObject({ id: z.int(), username: z.string() })
      .optional()
      .meta({ description: "Who the token acts as; absent until connected." }),
    expires_at: time("When the access token ends, where GitLab tells. It is renewed by itself.").optional(),
    created_at: time("When it was created."),
    updated_at: time("When it changed last."),
  }),
);

export const accountAnswer = name("AccountAnswer", z.looseObject({ connected_account: connectedAccount }));

export const accountsQuery = z.strictObject({
  connection_name: z.string().min(1).optional().meta({ description: "Only this connection's." }),
  status: status.optional().meta({ description: "Only these." }),
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({ description: "How many at most." }),
  cursor: z.string().max(2000).optional().meta({ description: "`next_cursor` of the answer before." }),
});

export const accountsAnswer = name(
  "AccountsAnswer",
  z.looseObject({
    connected_accounts: z.array(connectedAccount),
    next_cursor: text("For the next page; absent on the last one.").optional(),
  }),
);

export const disconnectAnswer = name(
  "DisconnectAnswer",
  z.looseObject({
    connected_account: connectedAccount,
    revocation: z
      .enum(["revoked", "failed", "kept", "none"])
      .meta({ description: "What became of the token at GitLab; a token that a person gave stays valid (`kept`)." }),
    warning: text("Why the revocation failed, and what to do.").optional(),
  }),
);

export const linkRequest = name(
  "LinkRequest",
  z.strictObject({
    ...accountFields,
    scopes: z.array(z.string()).min(1).optional().meta({ description: "OAuth scopes, in place of the connection's." }),
    tools: z
      .array(z.string())
      .min(1)
      .optional()
      .meta({ description: "Asks for the least scopes that these tools need." }),
    return_to: text(
      "Where to send the person afterwards: a path of your product's. Comes back with the callback.",
    ).optional(),
    data: z.string().max(4000).optional().meta({ description: "Anything of yours. Comes back with the callback." }),
    redirect_uri: text("Your page that GitLab sends the person back to, in place of the connection's.").optional(),
  }),
);

export const linkAnswer = name(
  "LinkAnswer",
  z.looseObject({
    link: text("GitLab's consent page for this person alone."),
    expires_at: time("It is good once, until then."),
  }),
);

export const tokenRequest = name(
  "TokenRequest",
  z.strictObject({
    ...accountFields,
    token: z.string().min(1).meta({ description: "A personal, project or group access token." }),
  }),
);

export const callbackRequest = name(
  "CallbackRequest",
  z.strictObject({
    url: z
      .string()
      .min(1)
      .max(8000)
      .meta({ description: "The URL that GitLab sent the person's browser to, with its query." }),
    expected_identifier: identifier.meta({
      description:
        "Who is signed in to your product where the callback arrived: from your own session, never from the request.",
    }),
  }),
);

export const callbackAnswer = name(
  "CallbackAnswer",
  z.looseObject({
    connected_account: connectedAccount,
    return_to: text("As given to the link.").optional(),
    data: text("As given to the link.").optional(),
  }),
);

const list = (description: string) =>
  z
    .string()
    .min(1)
    .optional()
    .meta({ description: `${description} Separated by commas.` });

export const selectionFields = {
  tools: list("Names or globs such as `gitlab_issue*`; `!gitlab_*_delete` takes away."),
  areas: list("Only these areas."),
  preset: list("Tools for common jobs: triage, review, ci, release, read-only."),
  level: z
    .enum(["core", "extended", "all"])
    .optional()
    .meta({ description: "How far globs and areas reach. Default: `core`." }),
  access: access.optional().meta({ description: "The most that a tool may do." }),
};

export const toolsQuery = z.strictObject(selectionFields);

export const toolSummary = name(
  "ToolSummary",
  z.looseObject({
    name: z.string(),
    title: z.string(),
    description: z.string(),
    area: z.string(),
    access: access.meta({ description: "What it does to GitLab: nothing, a change, or a loss that cannot be undone." }),
    idempotent: z.boolean().meta({ description: "Repeating a call leaves GitLab as one call would." }),
    confirm: z.boolean().meta({ description: "A person should be asked before it is run." }),
  }),
);

export const toolsAnswer = name("ToolsAnswer", z.looseObject({ tools: z.array(toolSummary) }));

const jsonSchema = z.record(z.string(), z.unknown());

export const toolAnswer = name(
  "ToolAnswer",
  z.looseObject({
    ...toolSummary.shape,
    input_schema: jsonSchema.meta({ description: "JSON Schema of `tool_input`." }),
    output_schema: jsonSchema.meta({ description: "JSON Schema of what a model is answered in the compact view." }),
  }),
);

export const toolPath = z.strictObject({ tool_name: z.string().min(1).max(200) });

export const definitionsQuery = z.strictObject({
  ...selectionFields,
  format: z
    .enum(definitionFormats)
    .exclude(["markdown"])
    .default("json-schema")
    .meta({ description: "Who the definitions are for." }),
});

export const definitionsAnswer = name(
  "DefinitionsAnswer",
  z.looseObject({
    format: z.string(),
    definitions: z.unknown().meta({ description: "In the shape that the format's API takes." }),
  }),
);

const toolInput = z.record(z.string(), z.unknown()).default({}).meta({ description: "The tool's input." });
const conversation = z.string().min(1).max(200).optional().meta({
  description: "Which conversation of an agent it belongs to, such as the id of a chat. Default: the account's one.",
});
const timeoutMs = z
  .int()
  .min(1)
  .max(600_000)
  .optional()
  .meta({ description: "The call's whole budget in milliseconds, waiting and retries included." });

export const executeRequest = name(
  "ExecuteRequest",
  z.strictObject({
    ...accountFields,
    tool_name: z.string().min(1),
    tool_input: toolInput,
    view: z
      .enum(["full", "compact"])
      .optional()
      .meta({ description: "`full`, the default, is GitLab's answer; `compact` keeps the fields that a model needs." }),
    fields: z.array(z.string()).optional().meta({ description: "Fields of the compact view, such as `+weight`." }),
    dry_run: z
      .boolean()
      .optional()
      .meta({ description: "Answers with the request that would be sent, and sends nothing." }),
    timeout_ms: timeoutMs,
    conversation,
    access: access.optional().meta({ description: "The most that this call may do, within what the key may." }),
  }),
);

export const page = name(
  "Page",
  z.looseObject({
    page: z.int().optional(),
    per_page: z.int().optional(),
    next_page: z.int().optional(),
    total: z.int().optional(),
    total_pages: z.int().optional(),
    next_cursor: z.string().optional(),
    has_more: z.boolean(),
  }),
);

export const executeAnswer = name(
  "ExecuteAnswer",
  z.looseObject({
    data: z.unknown().meta({ description: "What GitLab answered; the request of a dry run." }),
    page: page.optional(),
    status: z.int().meta({ description: "The HTTP status of GitLab's answer; 0 on a dry run." }),
    request_id: text("GitLab's id of the request, for its administrators.").optional(),
    warnings: z
      .array(z.string())
      .optional()
      .meta({ description: "What GitLab ignored of the input, and what of the answer is missing." }),
  }),
);

export const runRequest = name(
  "RunRequest",
  z.strictObject({
    ...accountFields,
    tool_name: z.string().min(1),
    tool_input: z.unknown().optional().meta({ description: "As the model wrote it." }),
    view: z.enum(["full", "compact"]).optional().meta({ description: "Default: `compact`." }),
    max_result_tokens: z.int().min(1).optional().meta({ description: "The most tokens of the text. Default: 8000." }),
    timeout_ms: timeoutMs,
    conversation,
    access: access.optional().meta({ description: "The most that this call may do, within what the key may." }),
  }),
);

export const runAnswer = name(
  "RunAnswer",
  z.looseObject({
    text: text("What the model reads: the data, or the error with what to do about it."),
    structured: z.record(z.string(), z.unknown()).meta({ description: "The same as an object." }),
    images: z.array(z.looseObject({ mime_type: z.string(), data: text("Base64.") })),
    is_error: z.boolean(),
  }),
);

export const sessionRequest = name(
  "SessionRequest",
  z.strictObject({
    ...accountFields,
    expires_in: z
      .union([z.int().min(1), z.string()])
      .default("1h")
      .meta({ description: "Seconds, or a number with a unit: `30m`, `8h`, `7d`. Never beyond the key's own end." }),
    access: access.optional().meta({ description: "The most that its calls may do, within what the key may." }),
    projects: z.array(z.string()).min(1).optional().meta({ description: "Only these projects: numbers or paths." }),
    groups: z.array(z.string()).min(1).optional().meta({ description: "Only these groups and all that is in them." }),
    conversation: conversation.meta({
      description: "Which conversation the session belongs to. Default: one of its own.",
    }),
  }),
);

export const sessionAnswer = name(
  "SessionAnswer",
  z.looseObject({
    token: text("The bearer token of one person's agent, for the MCP server on the same store."),
    session_id: z.string(),
    expires_at: time("Its end."),
  }),
);

export const sessionRevocation = z.strictObject({
  ...accountFields,
  session_id: z.string().min(1).optional().meta({ description: "Only this one; default: all of the person." }),
});

export const revokedAnswer = name("RevokedAnswer", z.looseObject({ revoked: text("The session's id, or `all`.") }));

export const errorDetail = name(
  "ErrorDetail",
  z.looseObject({
    code: z.enum([...errorCodes, "invalid_api_key"]).meta({ description: "Stable: programs may branch on it." }),
    message: text("What happened, for a person."),
    hint: text("What to do next.").optional(),
    retryable: z
      .boolean()
      .meta({ description: "Whether the same request may succeed when it is sent again unchanged." }),
    status: z.int().optional().meta({ description: "The HTTP status of GitLab's answer, where there was one." }),
    tool_name: z.string().optional(),
    request_id: text("GitLab's id of the request, for its administrators.").optional(),
    details: z.record(z.string(), z.unknown()).optional().meta({ description: "Facts that a program can use." }),
  }),
);

export const errorAnswer = name("ErrorAnswer", z.looseObject({ error: errorDetail }));

export const eventsQuery = z.strictObject({
  after: z
    .string()
    .max(200)
    .optional()
    .meta({ description: "`next_cursor` of the answer before. Default: the oldest kept." }),
  limit: z.coerce.number().int().min(1).max(200).default(100).meta({ description: "How many at most." }),
});

export const event = name(
  "AccountEvent",
  z.looseObject({
    id: z.string(),
    type: z
      .enum(["created", "connected", "expired", "revoked", "deleted", "refresh_failed"])
      .meta({ description: "There may come more." }),
    at: time("When it happened."),
    connected_account: connectedAccount,
    error: errorDetail.optional().meta({ description: "Of `refresh_failed`." }),
  }),
);

export const eventsAnswer = name(
  "EventsAnswer",
  z.looseObject({ events: z.array(event), next_cursor: text("Ask with it again, also when there were none.") }),
);
