import type { ToolDefinition } from "../../definition/definition.js";
import type { FieldProblem } from "../../options/field-problems.js";
import { readReference } from "../../policy/reference.js";
import { inputSchema, invalid, type Values } from "../validate.js";
import { isGlobalId, readWorkItem, type PlaceName, type WorkItemName } from "./reference.js";

/** A work item: by name, or by the global id that an answer showed. */
export type NamedItem = WorkItemName | { readonly id: string };

/** What the input of a call names, read as far as that goes without asking GitLab. */
export interface InputNames {
  /** The call's own project or group. */
  readonly place?: PlaceName;
  /** By parameter. */
  readonly items: ReadonlyMap<string, readonly NamedItem[]>;
}

/**
 * Reads a call's place and its work items. The item that a call is about may say where it is itself; the others are in
 * the same place where they do not say.
 *
 * @throws {GitLabToolError} `invalid_input`
 */
export function readNames(definition: ToolDefinition, values: Values, baseUrl: string): InputNames {
  const { required } = inputSchema(definition);
  const problems: FieldProblem[] = [];
  const items = new Map<string, NamedItem[]>();
  let place: PlaceName | undefined;
  for (const [name, { ref, names }] of Object.entries(definition.parameters)) {
    const value = values[name];
    if (value === undefined || value === null) continue;
    const texts = (Array.isArray(value) ? value : [value]).map(String);
    if ((ref === "project" || ref === "group") && definition.parameters[name]?.in === "local") {
      const read = readReference(ref, name, texts.join(), baseUrl);
      if ("problem" in read) problems.push(read.problem);
      else place = { kind: ref, reference: read.value };
    }
    if (names !== "work_item") continue;
    // GitLab answers no items as if all of them were there already.
    if (texts.length === 0 && required.includes(name)) problems.push({ field: name, message: "needs at least 1 item" });
    items.set(
      name,
      texts.flatMap((text): NamedItem[] => {
        const read = isGlobalId(text) ? { id: text } : readWorkItem(text, baseUrl);
        if (!read) problems.push({ field: name, message: notOne(text, baseUrl) });
        return read ? [read] : [];
      }),
    );
  }
  const [own] = items.get("work_item") ?? [];
  const itsOwn = own && "place" in own ? own.place : undefined;
  if (itsOwn && place && isElsewhere(itsOwn, place))
    problems.push({ field: "work_item", message: `is of ${itsOwn.reference}, not of ${place.reference}` });
  place = itsOwn ?? place;
  for (const [field, named] of items)
    if (!place && named.some((one) => "iid" in one && !one.place))
      problems.push({ field, message: "give project_id or group_id beside the number, or a full reference" });
  const epics = place?.kind === "project" ? [...items].filter(([, named]) => named.some(isShortEpic)) : [];
  for (const [field] of epics) problems.push({ field, message: "an epic lies in a group: give it as group&42" });
  const byId = own && "id" in own;
  const wire = definition.parameters["work_item"]?.name;
  if (byId && wire === "iid")
    problems.push({ field: "work_item", message: "give its number and place, or its web URL" });
  if (problems.length > 0) throw invalid(definition, problems);
  return { ...(place && { place }), items };
}

/** `&42` beside a project is no work item of that project's. */
const isShortEpic = (item: NamedItem): boolean => "isEpic" in item;

/** A number and a path may be of one place. */
const isElsewhere = (one: PlaceName, other: PlaceName): boolean =>
  isPath(one) && isPath(other) && one.reference.toLowerCase() !== other.reference.toLowerCase();

const isPath = ({ reference }: PlaceName): boolean => !/^\d+$/.test(reference);

const notOne = (text: string, baseUrl: string): string =>
  `${JSON.stringify(text.slice(0, 100))} is no work item: give #42 with project_id or group_id, group/project#42, group&42, or its web URL on ${new URL(baseUrl).host}`;
