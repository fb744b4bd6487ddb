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
  { toolName, parameter, finder }: NamedParameter,
  ask: Ask,
  where: Where | undefined,
): Promise<readonly Fields[]> {
  const types = await typesOf(ask, where);
  const fields = types
    .flatMap(({ widgetDefinitions }) => list(widgetDefinitions))
    .flatMap(({ customFieldValues: values }) => list(values))
    .flatMap(({ customField }) => (isObject(customField) ? [customField] : []));
  const refuse = (code: "not_found" | "invalid_input", name: string, message: string): GitLabToolError =>
    new GitLabToolError({
      code,
      message: `${parameter}: ${message}.`,
      hint: `Nothing was changed.${finder === undefined ? "" : ` ${finder} shows the fields of each type and their options.`}`,
      toolName,
      details: { fields: [{ field: `${parameter}.${name}`, message }] },
    });
  return Object.entries(byName).map(([name, text]) => {
    const value = text === "" ? null : text;
    const field = fields.find((one) => same(one["name"], name));
    if (!field) {
      const place = where === undefined ? "" : ` of ${where.path}`;
      throw refuse("not_found", name, `no type${place} has a custom field ${quoted(name)}${thereAre(fields, "name")}`);
    }
    const customFieldId = field["id"];
    switch (field["fieldType"]) {
      case "NUMBER": {
        const numberValue = value === null ? null : Number(value);
        if (Number.isNaN(numberValue) || typeof value === "boolean" || Array.isArray(value))
          throw refuse("invalid_input", name, `${quoted(name)} takes a number`);
        return { customFieldId, numberValue };
      }
      case "TEXT":
      case "DATE": {
        if (value !== null && typeof value !== "string" && typeof value !== "number")
          throw refuse("invalid_input", name, `${quoted(name)} takes a text`);
        const written = value === null ? null : String(value);
        return field["fieldType"] === "DATE"
          ? { customFieldId, dateValue: written }
          : { customFieldId, textValue: written };
      }
      default: {
        const values: unknown[] = value === null ? [] : Array.isArray(value) ? value : [value];
        if (field["fieldType"] === "SINGLE_SELECT" && values.length > 1)
          throw refuse("invalid_input", name, `${quoted(name)} takes one option`);
        const options = list(field["selectOptions"]);
        const selectedOptionIds = values.map((one) => {
          const option = options.find((known) => same(known["value"], String(one)));
          if (option) return option["id"];
          throw refuse(
            "not_found",
            name,
            `${quoted(name)} has no option ${quoted(String(one))}${thereAre(options, "value")}`,
          );
        });
        return { customFieldId, selectedOptionIds };
      }
    }
  });
}

const quoted = (text: string): string => JSON.stringify(text.slice(0, 200));

function thereAre(known: readonly Fields[], word: string): string {
  const names = [...new Set(known.map((one) => String(one[word])))];
  if (names.length === 0) return "; there are none";
  const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : "";
  return `; there are ${names.slice(0, mostNames).join(", ")}${more}`;
}
