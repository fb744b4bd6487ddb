import { isObject, type Fields } from "../is-object.js";
import { errorCodes } from "../errors/codes.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { fitValue } from "../views/budget.js";
import { defaultMaxResultTokens } from "../views/model-text.js";
import type { ToolAnswer } from "./toolbox-types.js";

/** How much of what was wrong a model is told at once. */
const mostProblems = 20;
const longestField = 100;

/** An error as a model may see it: no stack, no cause, and no longer than an answer may be. */
export function refusal(error: GitLabToolError, maxResultTokens = defaultMaxResultTokens): ToolAnswer {
  const { name: _, details, ...plain } = error.toJSON();
  const shown = JSON.parse(
    JSON.stringify({ ...plain, ...(isObject(details) && { details: fewer(details) }) }),
  ) as unknown;
  const { value } = fitValue(shown, Math.max(100, maxResultTokens));
  return { text: JSON.stringify(value), structured: isObject(value) ? value : {}, images: [], isError: true };
}

/** Whatever was thrown, as an error of ours; what is not one says nothing of itself. */
export function toToolError(thrown: unknown): GitLabToolError {
  if (thrown instanceof GitLabToolError) return thrown;
  // Some package managers install a package once per set of its peers: the client may come from another copy.
  if (isToolError(thrown)) return new GitLabToolError(thrown);
  return new GitLabToolError({ code: "internal", message: "The tool failed inside this library.", cause: thrown });
}

const codes: readonly unknown[] = errorCodes;

const isToolError = (thrown: unknown): thrown is GitLabToolError =>
  thrown instanceof Error && thrown.name === "GitLabToolError" && codes.includes(Reflect.get(thrown, "code"));

/** Whether a text is a {@link refusal}: for frameworks that hand us our own text back, perhaps out of a database. */
export function isRefusal(text: string): boolean {
  if (!text.startsWith("{")) return false;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && codes.includes(value["code"]) && typeof value["retryable"] === "boolean";
  } catch {
    return false;
  }
}

/** Of `fields`, the first problems, and how many more there are: names and messages repeat what the model sent. */
function fewer(details: Fields): Fields {
  const { fields } = details;
  if (!Array.isArray(fields)) return details;
  const rest = fields.length - mostProblems;
  return {
    ...details,
    fields: fields
      .slice(0, mostProblems)
      .map((problem: unknown) =>
        isObject(problem) && typeof problem["field"] === "string"
          ? { ...problem, field: problem["field"].slice(0, longestField) }
          : problem,
      ),
    ...(rest > 0 && { more: `and ${rest} more` }),
  };
}
