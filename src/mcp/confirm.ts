import { inputRequired, type InputRequiredResult, type ServerContext } from "@modelcontextprotocol/server";
import { questionOf, type ConfirmedCall } from "../adapters/question.js";
import { refusal } from "../adapters/refusal.js";
import type { Confirm, ToolAnswer } from "../adapters/toolbox.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { inputTooDeep } from "../errors/too-deep.js";
import { deepField } from "../views/depth.js";
import { callHash, type Asking, type Person } from "./ask.js";

/** What stands in the way of a call: a question to the person, or their no. */
export type Obstacle = { readonly ask: InputRequiredResult } | { readonly refuse: ToolAnswer };

const question = "confirm";

/**
 * Asks the person before a call. Their yes is for this call, with these arguments, once.
 *
 * @param confirm as the operator said; without it, a client that cannot ask is not held up
 */
export async function confirmation(
  call: ConfirmedCall,
  person: Person,
  {
    asking,
    confirm,
    ctx,
  }: { readonly asking: Asking; readonly confirm?: Confirm | undefined; readonly ctx: ServerContext },
): Promise<Obstacle | undefined> {
  if (!person.form) return confirm === undefined ? undefined : { refuse: refusal(nobodyToAsk(call.name)) };
  const deep = deepField(call.input);
  if (deep !== undefined) return { refuse: refusal(inputTooDeep(call.name, deep)) };
  const hash = callHash(call.name, call.input);
  const { state } = person;
  if (state?.call === hash) {
    const said = state.agreed ? "accept" : person.said(question);
    if (said === "accept" && (await asking.use(state))) return undefined;
    if (said === "decline" || said === "cancel") return { refuse: refusal(declined(call.name)) };
  }
  const elicit = inputRequired.elicit({
    message: questionOf(call),
    requestedSchema: { type: "object", properties: {} },
  });
  const requestState = await asking.seal(ctx, hash, false);
  return { ask: inputRequired({ inputRequests: { [question]: elicit }, requestState }) };
}

function nobodyToAsk(toolName: string): GitLabToolError {
  return new GitLabToolError({
    code: "forbidden",
    message: `${toolName} is only run after a person has agreed, and this client cannot ask one.`,
    hint: "Nothing was sent. Tell the user what should be done; they can do it in GitLab, or use a client that supports elicitation.",
    toolName,
    details: { policy: "confirm" },
  });
}

function declined(toolName: string): GitLabToolError {
  return new GitLabToolError({
    code: "forbidden",
    message: `The person did not agree to ${toolName}.`,
    hint: "Nothing was sent. Do not try it another way; ask them what they want instead.",
    toolName,
    details: { policy: "confirm" },
  });
}
