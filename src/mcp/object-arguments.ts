import { isObject } from "../is-object.js";

const key = "gitlab-agent-tools/arguments";

/**
 * A message whose `tools/call` brings its arguments as an object. Models send JSON in a string, which is read, and
 * lists, numbers and other text, which the protocol's own checks would answer with a dump for programmers: those go on
 * under a name of ours, for the tool to refuse.
 */
export function withObjectArguments(message: unknown): unknown {
  if (Array.isArray(message)) return message.map(withObjectArguments);
  if (!isObject(message) || message["method"] !== "tools/call") return message;
  const { params } = message;
  if (!isObject(params) || params["arguments"] === undefined || isObject(params["arguments"])) return message;
  return { ...message, params: { ...params, arguments: asObject(params["arguments"]) } };
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  if (value === null) return {};
  if (typeof value !== "string") return { [key]: value };
  try {
    const parsed: unknown = value.trim() === "" ? {} : JSON.parse(value);
    return isObject(parsed) ? parsed : { [key]: parsed };
  } catch {
    return { [key]: value };
  }
}

/** The arguments as the client sent them. */
export const sentArguments = (args: Readonly<Record<string, unknown>> | undefined): unknown =>
  args && Object.hasOwn(args, key) ? args[key] : (args ?? {});
