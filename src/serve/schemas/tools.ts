import * as z from "zod";
import { definitionFormats } from "../../adapters/formats.js";
import { accountFields, conversation } from "./accounts.js";
import { access, name, text } from "./named.js";

const list = (description: string) =>
  z
    .string()
    .min(1)
    .optional()
    .meta({ description: `${description} Separated by commas.` });

const selectionFields = {
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

const toolSummary = name(
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

const page = name(
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
