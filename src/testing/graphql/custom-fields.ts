import { GraphQLError } from "graphql";
import type { CustomFieldValue, WorkItemRecord } from "../state/work-items.js";
import { gid, idOf, unavailable } from "./ids.js";
import type { Home, Node, View } from "./view.js";

/*
 * Fields that a top-level group defines for its work items: records of the resource `custom_fields` in the group, with
 * `name`, `field_type`, `options` and `types`. https://docs.gitlab.com/user/work_items/custom_fields/
 */

const kinds = ["SINGLE_SELECT", "MULTI_SELECT", "NUMBER", "TEXT", "DATE"] as const;
type Kind = (typeof kinds)[number];

interface CustomField {
  readonly id: number;
  readonly name: string;
  readonly kind: Kind;
  readonly options: readonly string[];
}

/** A value as it is sent. */
export interface CustomFieldInput {
  readonly customFieldId: string;
  readonly selectedOptionIds?: readonly string[] | null;
  readonly numberValue?: number | null;
  readonly textValue?: string | null;
  readonly dateValue?: string | null;
}

const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

/** The fields of a type of work items in a home; `types` of a field names them, without it all have it. */
export function customFieldsOf({ gitlab }: View, home: Home, type: string): CustomField[] {
  const top = gitlab.ancestry("project" in home ? home.project.namespaceId : home.group.id).at(-1);
  if (top === undefined) return [];
  return gitlab.resources.in("custom_fields", `groups/${String(top.id)}`).flatMap(({ id, values }) => {
    const { name, field_type: kind, options, types } = values;
    if (Array.isArray(types) && !types.includes(type)) return [];
    const known = kinds.find((one) => one === kind) ?? "TEXT";
    return [{ id, name: String(name), kind: known, options: textsOf(options) }];
  });
}

/** Options have no records of their own: their ids are counted from the field's. */
const optionId = ({ id }: CustomField, index: number): number => id * 100 + index;

const valueTypes: Readonly<Record<Kind, string>> = {
  SINGLE_SELECT: "WorkItemSelectFieldValue",
  MULTI_SELECT: "WorkItemSelectFieldValue",
  NUMBER: "WorkItemNumberFieldValue",
  TEXT: "WorkItemTextFieldValue",
  DATE: "WorkItemDateFieldValue",
};

/** Every field with its value, or without one. */
export const customFieldNodes = (
  fields: readonly CustomField[],
  values: ReadonlyMap<number, CustomFieldValue> = new Map(),
): Node[] =>
  fields.map((field) => {
    const { id, name, kind, options } = field;
    const all = options.map((value, index) => ({
      id: gid("Issuables::CustomFieldSelectOption", optionId(field, index)),
      value,
    }));
    const selects = kind === "SINGLE_SELECT" || kind === "MULTI_SELECT";
    const value = values.get(id);
    return {
      __typename: valueTypes[kind],
      customField: {
        id: gid("Issuables::CustomField", id),
        name,
        fieldType: kind,
        selectOptions: selects ? all : null,
      },
      value: value ?? null,
      selectedOptions: Array.isArray(value) ? all.filter((option) => value.includes(option.value)) : null,
    };
  });

/** The value that an input stands for; undefined for none. */
function valueOf(field: CustomField, input: CustomFieldInput): CustomFieldValue | undefined {
  const { kind, name } = field;
  if (kind === "NUMBER") return input.numberValue ?? undefined;
  if (kind === "DATE") return input.dateValue ?? undefined;
  if (kind === "TEXT") {
    const text = input.textValue ?? "";
    if (text.length > 1024) throw new GraphQLError(`${name} is too long (maximum is 1024 characters)`);
    return text === "" ? undefined : text;
  }
  const chosen = (input.selectedOptionIds ?? []).map((id) => {
    const number = idOf(id, "Issuables::CustomFieldSelectOption");
    return field.options.find((_, index) => optionId(field, index) === number) ?? unavailable();
  });
  if (kind === "SINGLE_SELECT" && chosen.length > 1)
    throw new GraphQLError(`${name} can have only one option selected`);
  return chosen.length === 0 ? undefined : chosen;
}

/** What inputs stand for, before anything is written: a field that the type has not is as good as missing. */
export function customFieldChange(
  view: View,
  home: Home,
  { issueType }: WorkItemRecord,
  inputs: readonly CustomFieldInput[],
): ReadonlyMap<number, CustomFieldValue | undefined> {
  const fields = customFieldsOf(view, home, issueType);
  return new Map(
    inputs.map((input) => {
      const id = idOf(input.customFieldId, "Issuables::CustomField");
      const field = fields.find((one) => one.id === id) ?? unavailable();
      return [id, valueOf(field, input)];
    }),
  );
}

/** A field of a filter, by its id or its name, and options by theirs. */
export interface CustomFieldFilter {
  readonly customFieldId?: string | null;
  readonly customFieldName?: string | null;
  readonly selectedOptionIds?: readonly string[] | null;
  readonly selectedOptionValues?: readonly string[] | null;
}

/** Whether all options of a filter are chosen. */
export function hasCustomField(view: View, home: Home, item: WorkItemRecord, filter: CustomFieldFilter): boolean {
  const id = filter.customFieldId == null ? undefined : idOf(filter.customFieldId, "Issuables::CustomField");
  const field = customFieldsOf(view, home, item.issueType).find(
    (one) => one.id === id || one.name === filter.customFieldName,
  );
  if (field === undefined) return false;
  const numbers = (filter.selectedOptionIds ?? []).map((one) => idOf(one, "Issuables::CustomFieldSelectOption"));
  const options = [
    ...(filter.selectedOptionValues ?? []),
    ...numbers.map((number) => field.options.find((_, index) => optionId(field, index) === number)),
  ];
  const value = view.gitlab.workItems.extras(item.id).customFields.get(field.id);
  return options.every((option) => option !== undefined && Array.isArray(value) && value.includes(option));
}

/** Sets values, and takes away those that are none. */
export function writeCustomFields(
  view: View,
  item: WorkItemRecord,
  change: ReadonlyMap<number, CustomFieldValue | undefined>,
): void {
  const { customFields } = view.gitlab.workItems.extras(item.id);
  for (const [id, value] of change) {
    if (value === undefined) customFields.delete(id);
    else customFields.set(id, value);
  }
}
