import type { Clear, ParameterModel } from "./model.js";
import type { OperationPlace } from "./parameter.js";

/** A parameter with what is sent to clear it: in an update of one thing, for an action such as a merge clears nothing. */
export function withClear(
  { method, path }: Pick<OperationPlace, "method" | "path">,
  given: ParameterModel,
): ParameterModel {
  const { clear: said, ...parameter } = given;
  const isUpdate = (method === "put" || method === "patch") && path.endsWith("}");
  const clear = isUpdate ? clearOf(parameter, said) : undefined;
  return clear === undefined ? parameter : { ...parameter, clear };
}

/**
 * Where the specification lets it be null; the manifest may know better. Texts and dates are cleared by an empty text,
 * which GitLab takes everywhere, and null only here and there.
 */
function clearOf({ in: where, required, nullable, type }: ParameterModel, said: Clear | undefined): Clear | undefined {
  if (where !== "body" || required) return undefined;
  if (type.kind === "list" || type.kind === "array") return [];
  if (!nullable || said !== undefined) return nullable && said;
  switch (type.kind) {
    case "text":
      return (type.facts.minLength ?? 0) > 0 ? undefined : "";
    case "date":
    case "dateTime":
      return "";
    case "integer":
    case "number":
      return null;
    default:
      return undefined;
  }
}
