import { toCompact } from "../views/compact.js";
import { fieldPaths, fieldsProblem } from "../views/fields.js";
import type { CallOptions } from "./account.js";
import type { ToolDefinition } from "./definition.js";
import { invalid } from "./validate.js";

/**
 * How a call's answer is shown. `fields` alone asks for the compact view.
 *
 * @throws {GitLabToolError} `invalid_input` for `fields` that are not paths
 */
export function viewer(definition: ToolDefinition, { view, fields }: CallOptions): (data: unknown) => unknown {
  const message = fieldsProblem(fields ?? []);
  if (message) throw invalid(definition, [{ field: "fields", message }]);
  if (view === "full" || (view === undefined && fields === undefined)) return (data) => data;
  const paths = fieldPaths(definition.view, fields);
  return (data) => toCompact(definition, data, paths);
}
