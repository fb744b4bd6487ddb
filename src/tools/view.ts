import { toCompact } from "../views/compact.js";
import { badFields, fieldPaths } from "../views/fields.js";
import type { CallOptions } from "./account.js";
import type { ToolDefinition } from "./definition.js";
import { invalid } from "./validate.js";

/**
 * How a call's answer is shown. `fields` alone asks for the compact view.
 *
 * @throws {GitLabToolError} `invalid_input` for `fields` that are not paths
 */
export function viewer(definition: ToolDefinition, { view, fields }: CallOptions): (data: unknown) => unknown {
  const wrong = badFields(fields ?? []);
  if (wrong.length > 0) {
    const message = `expected paths such as title, author.username or +weight, got ${wrong.map((field) => JSON.stringify(field.slice(0, 40))).join(", ")}`;
    throw invalid(definition, [{ field: "fields", message }]);
  }
  if (view === "full" || (view === undefined && fields === undefined)) return (data) => data;
  const paths = fieldPaths(definition.view, fields);
  return (data) => toCompact(definition, data, paths);
}
