import { isUpdate } from "../src/tools/is-update.js";
import type { Clear, InputType, ParameterModel, PropertyModel } from "./model.js";
import type { OperationPlace } from "./parameter.js";

/** A parameter with what is sent to clear it: in an update of one thing, for an action such as a merge clears nothing. */
export function withClear(place: Pick<OperationPlace, "method" | "path">, model: ParameterModel): ParameterModel {
  const { clear: said, ...parameter } = model;
  if (parameter.in !== "body" || !isUpdate(place)) return parameter;
  const clear = clearOf(parameter, said);
  return { ...parameter, type: withClearInside(parameter.type), ...(clear !== undefined && { clear }) };
}

/**
 * Where the specification lets it be null; the manifest may know better. Texts and dates are cleared by an empty text,
 * which GitLab takes everywhere, and null only here and there.
 */
function clearOf({ required, nullable, type }: ParameterModel, said: Clear | undefined): Clear | undefined {
  if (required) return undefined;
  if (type.kind === "list" || type.kind === "array") return [];
  if (!nullable || said !== undefined) return nullable && said;
  switch (type.kind) {
    case "text":
      return (type.facts.minLength ?? 0) > 0 ? undefined : "";
    case "date":
    case "dateTime":
    case "file":
      return "";
    case "integer":
    case "number":
      return null;
    default:
      return undefined;
  }
}

/** The type with what clears the properties of the objects in it. */
function withClearInside(type: InputType): InputType {
  switch (type.kind) {
    case "list":
    case "array":
      return { ...type, item: withClearInside(type.item) };
    case "record":
      return { ...type, value: withClearInside(type.value) };
    case "object":
      return {
        ...type,
        properties: type.properties.map((property) => {
          const clear = clearInside(property);
          return { ...property, type: withClearInside(property.type), ...(clear !== undefined && { clear }) };
        }),
      };
    default:
      return type;
  }
}

/**
 * Below the top GitLab takes null where the specification says so, and an empty text may be a text: the environment
 * scope "" is one that no variable has. What is true or false, or one of some words, has no empty value.
 */
function clearInside({ required, nullable, type }: PropertyModel): Clear | undefined {
  if (required) return undefined;
  if (type.kind === "list" || type.kind === "array") return [];
  const isWord = type.kind === "boolean" || type.kind === "choice" || type.kind === "integerChoice";
  return nullable && !isWord ? null : undefined;
}
