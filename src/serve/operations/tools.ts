import type * as z from "zod";
import { exportDefinitions } from "../../adapters/export.js";
import { outputSchema } from "../../adapters/output-schema.js";
import { show } from "../../adapters/show.js";
import { directToolbox } from "../../adapters/run-tool.js";
import { offeredTools, type ToolboxOptions } from "../../adapters/toolbox.js";
import { inOwnWords } from "../answers.js";
import type { PresetName, Selection } from "../../tools/select.js";
import { answerTooDeep } from "../../errors/too-deep.js";
import { isObject } from "../../is-object.js";
import { mostAccess } from "../../policy/access.js";
import type { ToolDefinition } from "../../definition/definition.js";
import { lookUp } from "../../tools/lookup.js";
import type { GitLab } from "../../gitlab-types.js";
import { isTooDeep } from "../../views/depth.js";
import type { ApiKey } from "../api-keys.js";
import { accessOf, policyOf } from "../bounds.js";
import { operation, type Gateway } from "../operation.js";
import * as s from "../schemas/tools.js";
import { pageShape } from "../shapes.js";

const words = (text: string): string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);

/** What a key may use of what is asked for. */
function offered(gitlab: GitLab, apiKey: ApiKey, query: z.output<typeof s.toolsQuery>): readonly ToolDefinition[] {
  const { tools, areas, preset, level, access } = query;
  const select: Selection = {
    ...(tools !== undefined && { tools: words(tools) }),
    ...(areas !== undefined && { areas: words(areas) }),
    // Names are checked where the presets are.
    ...(preset !== undefined && { preset: words(preset) as PresetName[] }),
    ...(level && { level }),
    access: accessOf(apiKey, access),
  };
  return offeredTools({ select, gitlab });
}

function summary(tool: ToolDefinition) {
  const { name, title, description, area, access, idempotent, confirm = false } = show(tool);
  return { name, title, description, area, access, idempotent, confirm };
}

const every = new WeakMap<GitLab, readonly ToolDefinition[]>();

/** A tool that is named is reached, of whichever level. Selected once: there are more than a thousand. */
function everyTool(gitlab: GitLab): readonly ToolDefinition[] {
  const known = every.get(gitlab) ?? offeredTools({ select: { level: "all" }, gitlab });
  every.set(gitlab, known);
  return known;
}

const list = operation({
  id: "list_tools",
  method: "GET",
  path: "/v1/tools",
  summary: "Lists the tools that the key may use.",
  repeat: "freely",
  queryFields: s.toolsQuery,
  answer: s.toolsAnswer,
  run: ({ gitlab, apiKey, query }) => ({ tools: offered(gitlab, apiKey, query).map(summary) }),
});

const definitions = operation({
  id: "export_definitions",
  method: "GET",
  path: "/v1/definitions",
  summary: "The tools' definitions for a model, in the shape that its API takes.",
  repeat: "freely",
  queryFields: s.definitionsQuery,
  answer: s.definitionsAnswer,
  run({ gitlab, apiKey, query: { format, ...query } }) {
    const exported = exportDefinitions(offered(gitlab, apiKey, query), format);
    return { format, definitions: JSON.parse(exported) as unknown };
  },
});

const describe = operation({
  id: "get_tool",
  method: "GET",
  path: "/v1/tools/{tool_name}",
  summary: "Describes one tool: its input and its answer.",
  repeat: "freely",
  pathFields: s.toolPath,
  answer: s.toolAnswer,
  async run({ gitlab, path: { tool_name: name } }) {
    const own = gitlab.tools.find(({ definition }) => definition.name === name)?.definition;
    const tool = own ?? (await lookUp(name));
    return {
      ...summary(tool),
      input_schema: { ...show(tool).inputSchema },
      output_schema: { ...outputSchema(tool, "compact") },
    };
  },
});

/** Reads may be repeated anyway, and what a preview would change is not changed. */
async function changes({ gitlab }: Gateway, body: unknown): Promise<boolean> {
  if (!isObject(body) || body["dry_run"] === true) return false;
  const name = body["tool_name"];
  const own = gitlab.tools.find(({ definition }) => definition.name === name)?.definition;
  // What there is no tool for is refused, and nothing is kept of it.
  const tool = own ?? (typeof name === "string" ? await lookUp(name).catch(() => undefined) : undefined);
  return tool !== undefined && mostAccess(tool) !== "read";
}

const execute = operation({
  id: "execute_tool",
  method: "POST",
  path: "/v1/execute",
  summary: "Carries out a tool as a person. With an Idempotency-Key it may be repeated, whatever it does.",
  needs: "tools:execute",
  repeat: "with a key",
  changes,
  body: s.executeRequest,
  answer: s.executeAnswer,
  async run({ gitlab, apiKey, account, signal, calls, body }) {
    const key = account(body);
    const { tool_name: toolName, tool_input: toolInput, view, fields, dry_run: dryRun, timeout_ms: timeoutMs } = body;
    calls(toolName);
    const result = await gitlab.executeTool({
      ...{ ...key, toolName, toolInput, signal },
      policy: policyOf(apiKey, body),
      ...(body.conversation !== undefined && { conversation: body.conversation }),
      ...(view && { view }),
      ...(fields && { fields }),
      ...(dryRun && { dryRun }),
      ...(timeoutMs && { timeoutMs }),
    });
    const { data, page, status, requestId, warnings } = result;
    if (isTooDeep(data)) throw answerTooDeep(status);
    return {
      data,
      ...(page && { page: pageShape(page) }),
      status,
      ...(requestId !== undefined && { request_id: requestId }),
      ...(warnings && { warnings: [...warnings] }),
    };
  },
});

const run = operation({
  id: "run_tool",
  method: "POST",
  path: "/v1/run",
  summary:
    "Runs a tool for a model: the answer is text within a budget, and what goes wrong is an answer, too. With an Idempotency-Key it may be repeated.",
  needs: "tools:execute",
  repeat: "with a key",
  changes,
  body: s.runRequest,
  answer: s.runAnswer,
  async run({ gitlab, apiKey, account, signal, calls, body }) {
    const key = account(body);
    const {
      tool_name: toolName,
      tool_input: input,
      view,
      max_result_tokens: maxResultTokens,
      timeout_ms: timeoutMs,
    } = body;
    calls(toolName);
    const options: ToolboxOptions = {
      gitlab,
      ...key,
      policy: policyOf(apiKey, body),
      // Without one, all calls of the account are one conversation.
      ...(body.conversation !== undefined && { conversation: body.conversation }),
      ...(view && { view }),
      ...(maxResultTokens && { maxResultTokens }),
      ...(timeoutMs && { timeoutMs }),
      ...(!apiKey.scopes.includes("accounts:write") && { authorization: false }),
    };
    const { text, structured, images, isError } = await directToolbox(everyTool(gitlab), options).run(toolName, input, {
      signal,
    });
    const said = isError ? inOwnWords({ text, structured }, { apiKey, account: key }) : { text, structured };
    return {
      text: String(said.text),
      structured: { ...(said.structured as Readonly<Record<string, unknown>>) },
      images: images.map(({ mimeType, data }) => ({ mime_type: mimeType, data })),
      is_error: isError,
    };
  },
});

export const toolOperations = [list, describe, definitions, execute, run];
