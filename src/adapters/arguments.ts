import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { inputTooDeep } from "../errors/too-deep.js";
import { isObject } from "../is-object.js";
import type { JsonSchema } from "../tools/json-schema.js";
import { deepField } from "../views/depth.js";

/** Models' arguments come as an object or as JSON, depending on the API. */
export function parseArguments(toolName: string, input: unknown): unknown {
  const parsed = typeof input === "string" ? parse(toolName, input) : input;
  const deep = deepField(parsed);
  if (deep !== undefined) throw inputTooDeep(toolName, deep);
  return parsed;
}

function parse(toolName: string, input: string): unknown {
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

/** Arguments to look at before they are run; what cannot be read stays as it is, and is refused then. */
export function readableArguments(input: unknown): unknown {
  try {
    return typeof input === "string" ? (JSON.parse(input) as unknown) : input;
  } catch {
    return input;
  }
}

/**
 * Arguments without what strict mode makes models say of everything that they leave out, at any depth: null of what is
 * optional. What is no JSON stays, and is refused when the tool is run.
 *
 * @param schema the input as models are shown it, before strict mode makes all of it required
 */
export function withoutNulls(toolName: string, text: string, schema: JsonSchema): unknown {
  try {
    return meant(parseArguments(toolName, text), schema);
  } catch {
    return text;
  }
}

function meant(value: unknown, { properties, required = [], items }: JsonSchema): unknown {
  if (Array.isArray(value)) return items ? value.map((item) => meant(item, items)) : value;
  if (!isObject(value) || !properties) return value;
  const kept = Object.entries(value).filter(([name, part]) => part !== null || required.includes(name));
  return Object.fromEntries(
    kept.map(([name, part]) => {
      const inner = Object.hasOwn(properties, name) ? properties[name] : undefined;
      return [name, inner ? meant(part, inner) : part];
    }),
  );
}
