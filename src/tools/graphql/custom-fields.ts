import { GitLabToolError } from "../../errors/gitlab-tool-error.js";
import { isObject, type Fields } from "../../is-object.js";
import type { Ask } from "./ask.js";
import { list, same, typesOf, type NamedParameter, type Where } from "./lookups.js";

/** So many names of what there is are told in an error. */
const mostNames = 20;

/**
 * Values of custom fields by people's words, `{ Severity: "High", Effort: 3 }`, as GitLab takes them: by the ids of fields
 * and options. An empty text or list clears.
 *
 * @see https://docs.gitlab.com/user/work_items/custom_fields/
 * @throws {GitLabToolError} `not_found` for names that the place does not have, `invalid_input` for values that do not fit
 */
export async function customFieldValues(
  byName: Fields,
  named: NamedParameter,
  ask: Ask,
  where: Where | undefined,
): Promise<readonly Fields[]> {
  const fields = fieldsOf(await typesOf(ask, where));
  return Object.entries(byName).map(([name, value]) => {
    const refuse: Refuse = (code, message) => refused(named, name, code, message);
    const field = fields.find((one) => same(one["name"], name));
    if (field) return { customFieldId: field["id"], ...valueOf(field, name, value === "" ? null : value, refuse) };
    const place = where === undefined ? "" : ` of ${where.path}`;
    throw refuse("not_found", `no type${place} has a custom field ${quoted(name)}${thereAre(fields, "name")}`);
  });
}

/** The fields of all types, each type's own again. */
const fieldsOf = (types: readonly Fields[]): readonly Fields[] =>
  types
    .flatMap(({ widgetDefinitions }) => list(widgetDefinitions))
    .flatMap(({ customFieldValues: values }) => list(values))
    .flatMap(({ customField }) => (isObject(customField) ? [customField] : []));

type Refuse = (code: "not_found" | "invalid_input", message: string) => GitLabToolError;

/** What a field is set to; null clears it. */
function valueOf(field: Fields, name: string, value: unknown, refuse: Refuse): Fields {
  switch (field["fieldType"]) {
    case "NUMBER":
      return { numberValue: numberOf(name, value, refuse) };
    case "TEXT":
      return { textValue: textOf(name, value, refuse) };
    case "DATE":
      return { dateValue: textOf(name, value, refuse) };
    default:
      return { selectedOptionIds: optionIdsOf(field, name, value, refuse) };
  }
}

function numberOf(name: string, value: unknown, refuse: Refuse): number | null {
  const number = value === null ? null : Number(value);
  if (Number.isNaN(number) || typeof value === "boolean" || Array.isArray(value))
    throw refuse("invalid_input", `${quoted(name)} takes a number`);
  return number;
}

function textOf(name: string, value: unknown, refuse: Refuse): string | null {
  if (value === null) return null;
  if (typeof value !== "string" && typeof value !== "number")
    throw refuse("invalid_input", `${quoted(name)} takes a text`);
  return String(value);
}

function optionIdsOf(field: Fields, name: string, value: unknown, refuse: Refuse): readonly unknown[] {
  const values: unknown[] = value === null ? [] : Array.isArray(value) ? value : [value];
  if (field["fieldType"] === "SINGLE_SELECT" && values.length > 1)
    throw refuse("invalid_input", `${quoted(name)} takes one option`);
  const options = list(field["selectOptions"]);
  return values.map((one) => {
    const option = options.find((known) => same(known["value"], String(one)));
    if (option) return option["id"];
    const known = thereAre(options, "value");
    throw refuse("not_found", `${quoted(name)} has no option ${quoted(String(one))}${known}`);
  });
}

function refused(
  { toolName, parameter, finder }: NamedParameter,
  name: string,
  code: "not_found" | "invalid_input",
  message: string,
): GitLabToolError {
  return new GitLabToolError({
    code,
    message: `${parameter}: ${message}.`,
    hint: `Nothing was changed.${finder === undefined ? "" : ` ${finder} shows the fields of each type and their options.`}`,
    toolName,
    details: { fields: [{ field: `${parameter}.${name}`, message }] },
  });
}

const quoted = (text: string): string => JSON.stringify(text.slice(0, 200));

function thereAre(known: readonly Fields[], word: string): string {
  const names = [...new Set(known.map((one) => String(one[word])))];
  if (names.length === 0) return "; there are none";
  const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : "";
  return `; there are ${names.slice(0, mostNames).join(", ")}${more}`;
}
