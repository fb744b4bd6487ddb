import { isObject, type Fields } from "../is-object.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { answerTooDeep } from "../errors/too-deep.js";
import { callAccess, narrowest } from "../policy/access.js";
import type { Policy } from "../policy/policy.js";
import { byEveryName } from "../tools/called.js";
import type { ToolDefinition } from "../definition/definition.js";
import { nearestTool, suggested } from "../tools/nearest-tool.js";
import { isTooDeep } from "../views/depth.js";
import { takeFields } from "../views/fields.js";
import { toModelAnswer } from "../views/model-text.js";
import { parseArguments, readableArguments } from "./arguments.js";
import { defaultMaxImageBytes, imageOf } from "./images.js";
import { refusal } from "./refusal.js";
import { reasonAgainst } from "../tools/select.js";
import { asksFirst, show } from "./show.js";
import type {
  Refuse,
  ToolAnswer,
  Toolbox,
  ToolboxCall,
  ToolboxDefinition,
  ToolboxOptions,
  ToolRunOptions,
} from "./toolbox-types.js";
import { toAgentError } from "./unconnected.js";

/** The tools themselves, each under its own name. */
export function directToolbox(tools: readonly ToolDefinition[], options: ToolboxOptions): Toolbox {
  let shown: readonly ToolboxDefinition[] | undefined;
  const byName = byEveryName(tools);

  return {
    // Servers make a toolbox for every request, and most requests do not list the tools.
    get definitions() {
      return (shown ??= tools.map((tool) => show(tool, options)));
    },
    needsConfirmation(name, input) {
      const tool = byName.get(name);
      return tool !== undefined && asksFirst(tool, options.confirm, readableArguments(input));
    },
    async run(name, input, run = {}) {
      try {
        const tool = byName.get(name);
        if (!tool)
          throw (
            reasonAgainst(name, options.select) ??
            notOffered(
              name,
              tools.map((tool) => tool.name),
            )
          );
        return await runTool(options, tool, parseArguments(name, input), run);
      } catch (error) {
        return refusal(await toAgentError(options, error), options.maxResultTokens);
      }
    },
  };
}

async function runTool(
  options: ToolboxOptions,
  tool: ToolDefinition,
  raw: unknown,
  { signal, onProgress }: ToolRunOptions,
): Promise<ToolAnswer> {
  const { gitlab, connectionName, identifier, conversation, view = "compact", timeoutMs, maxResultTokens } = options;
  const policy = policyOf(options);
  const account = { identifier, ...(connectionName && { connectionName }) };
  const call = {
    ...{ ...account, toolName: tool.name, access: callAccess(tool, raw) },
    ...(signal && { signal }),
  };
  const { input, fields } = takeFields(tool, await approved(options.before, call, raw));
  const result = await gitlab.executeTool({
    ...account,
    toolName: tool.name,
    toolInput: input,
    view,
    ...(fields && { fields, view: "compact" }),
    ...(signal && { signal }),
    ...(timeoutMs && { timeoutMs }),
    ...(onProgress && { onProgress }),
    ...(conversation !== undefined && { conversation }),
    policy,
  });
  const verdict = await options.after?.({ ...call, input: record(input), result });
  if (verdict && "refuse" in verdict) throw refused(tool.name, "after", verdict);
  const shown = verdict ? { ...result, data: verdict.data } : result;
  if (isTooDeep(shown.data)) throw answerTooDeep(result.status);
  const image = imageOf(tool, shown.data, options.maxImageBytes ?? defaultMaxImageBytes);
  const answer = toModelAnswer(tool, shown, {
    input,
    ...(image && { imageShown: true }),
    saves: typeof policy.downloads === "string",
    ...(maxResultTokens && { maxResultTokens }),
  });
  return { ...answer, images: image ? [image] : [], isError: false };
}

/** What each call of a model is held to: its files, and the access that its tools were selected by. */
function policyOf({ policy, select }: ToolboxOptions): Policy {
  const access = narrowest(policy?.access, select?.access);
  // A model writes and reads files only where it was given a folder for them.
  const files = { downloads: policy?.downloads ?? false, uploads: policy?.uploads ?? false };
  return { ...policy, ...files, ...(access && { access }) };
}

/** The call's input, after whoever is asked before it has seen it. */
async function approved(
  before: ToolboxOptions["before"],
  call: Omit<ToolboxCall, "input">,
  raw: unknown,
): Promise<unknown> {
  if (!before) return raw;
  // What is no object is refused with the input's other faults.
  const verdict = await before({ ...call, input: record(raw) });
  if (!verdict) return raw;
  if ("refuse" in verdict) throw refused(call.toolName, "before", verdict);
  return verdict.input;
}

const record = (input: unknown): Fields => (isObject(input) ? input : {});

function refused(toolName: string, by: "before" | "after", { refuse, hint }: Refuse): GitLabToolError {
  const otherwise = by === "before" ? "Nothing was sent. " : "";
  return new GitLabToolError({
    code: "forbidden",
    message: refuse,
    hint: hint ?? `${otherwise}Do without it, or tell the user what is needed and why.`,
    toolName,
    details: { policy: by },
  });
}

function notOffered(toolName: string, names: Iterable<string>): GitLabToolError {
  const near = nearestTool(toolName, names);
  return new GitLabToolError({
    code: "unknown_tool",
    message: `There is no tool ${JSON.stringify(toolName.slice(0, 100))} among those offered.`,
    hint: near ? `Did you mean ${suggested(near)}?` : "Use one of the tools that were offered.",
    ...(near && { details: { nearest: near.name } }),
  });
}
