import { isObject } from "../is-object.js";
import type { Steps } from "./workflow.js";

/**
 * A text that is nothing but quick actions becomes no comment: GitLab carries them out and answers 202, with what they did.
 *
 * @see https://docs.gitlab.com/user/project/quick_actions/
 */
export function warnOfOnlyCommands({ warn }: Pick<Steps, "warn">, answer: unknown): void {
  if (!isObject(answer) || "id" in answer || !("commands_changes" in answer)) return;
  const { summary } = answer;
  const said = (Array.isArray(summary) ? summary : [summary]).filter((one) => typeof one === "string").join(" ");
  warn(`The text was quick actions alone: GitLab left no comment.${said === "" ? "" : ` It says: ${said}`}`);
}
