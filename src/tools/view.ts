import { toCompact } from "../views/compact.js";
import { fieldPaths, fieldsProblem } from "../views/fields.js";
import { maskSecrets } from "../views/secrets.js";
import type { CallOptions } from "./account.js";
import type { ToolDefinition } from "./definition.js";
import { invalid } from "./validate.js";

/** Whether a call's answer is shown in the compact view. */
export const isCompact = ({ view, fields }: CallOptions): boolean =>
  view === "compact" || (view === undefined && fields !== undefined);

/**
 * How a call's answer is shown, and whether its secrets are hidden. `fields` alone asks for the compact view.
 *
 * @throws {GitLabToolError} `invalid_input` for `fields` that are not paths
 */
export function viewer(definition: ToolDefinition, options: CallOptions, masks = false): (data: unknown) => unknown {
  const { fields } = options;
  const message = fieldsProblem(fields ?? []);
  if (message) throw invalid(definition, [{ field: "fields", message }]);
  if (!isCompact(options)) return masks ? (data) => maskSecrets(data, definition.secrets) : (data) => data;
  const paths = fieldPaths(definition.view, fields);
  return (data) => toCompact(definition, data, paths, masks ? (definition.secrets ?? []) : undefined);
}
