import { questionOf } from "../adapters/question.js";
import { asksFirst } from "../adapters/show.js";
import type { Confirm } from "../adapters/toolbox-types.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { lookUp } from "../tools/lookup.js";
import type { OwnTool } from "../tools/own-tools.js";
import { canAsk, isAgreed } from "./question.js";

/** A call that somebody at the terminal may have to agree to. */
export interface TerminalCall {
  readonly toolName: string;
  readonly toolInput: unknown;
  /** Tools of one's own, which are asked about as the others are. */
  readonly tools?: readonly OwnTool[];
  /** Which calls to ask about; without it a script, which has no terminal, is not held up. */
  readonly confirm?: Confirm | undefined;
  /** Whether standard input is free for an answer. */
  readonly canAnswer: boolean;
}

/**
 * Asks whoever is at the terminal before a call, as MCP servers ask through their clients.
 *
 * @throws {GitLabToolError} `forbidden` where they do not agree, or have to and cannot be asked; `unknown_tool`
 */
export async function agree({
  toolName,
  toolInput: input,
  tools = [],
  confirm,
  canAnswer,
}: TerminalCall): Promise<void> {
  const terminal = canAnswer && canAsk();
  if (confirm === "never" || (confirm === undefined && !terminal)) return;
  const own = tools.find(({ definition }) => definition.name === toolName);
  const tool = own?.definition ?? (await lookUp(toolName));
  if (!asksFirst(tool, confirm, input)) return;
  if (!terminal) throw refused(toolName, "there is no terminal to ask at", "Run it at a terminal, or with --yes.");
  const question = questionOf({ name: toolName, input, title: tool.title });
  if (!(await isAgreed(question))) throw refused(toolName, "nobody agreed to it", "Nothing was sent.");
}

function refused(toolName: string, because: string, hint: string): GitLabToolError {
  return new GitLabToolError({
    code: "forbidden",
    message: `${toolName} was not run: ${because}.`,
    hint,
    toolName,
    details: { policy: "confirm" },
  });
}
