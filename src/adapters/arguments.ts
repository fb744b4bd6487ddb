import { GitLabToolError } from "../errors/gitlab-tool-error.js";

/** Models' arguments come as an object or as JSON, depending on the API. */
export function parseArguments(toolName: string, input: unknown): unknown {
  if (typeof input !== "string") return input;
  try {
    return input.trim() === "" ? {} : (JSON.parse(input) as unknown);
  } catch (error) {
    throw new GitLabToolError({
      code: "invalid_input",
      message: `The arguments of ${toolName} are not JSON: ${error instanceof Error ? error.message : ""}.`,
      hint: `Nothing was sent. Call ${toolName} again with the arguments as one JSON object.`,
      toolName,
    });
  }
}

/** Arguments without those that are null; what is no JSON stays, and is refused when the tool is run. */
export function withoutNulls(toolName: string, given: string): unknown {
  try {
    const input = parseArguments(toolName, given);
    if (typeof input !== "object" || input === null || Array.isArray(input)) return input;
    return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
  } catch {
    return given;
  }
}
