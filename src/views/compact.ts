import { isObject, type Fields } from "../is-object.js";
import { checkDepth } from "./depth.js";
import { cleanLog } from "./job-log.js";
import { hiddenValue, type SecretFields } from "./secrets.js";
import { shownField, viewTree, type ShownField, type ViewNode } from "./view-tree.js";

/** What the views need to know of a tool. */
export interface Viewed {
  readonly name: string;
  readonly answer: string;
  readonly view: readonly string[];
}

/** How what a view keeps is read, on the one walk that makes it. */
export interface Reading {
  /** What is shown of a text in a field of this name; on its own it has none. */
  readonly text: (text: string, name: string) => string;
  /** What is shown of data that is kept as it is. */
  readonly whole: (data: unknown) => unknown;
  /** Fields whose values are hidden; `undefined` where no secrets are. */
  readonly secrets?: SecretFields | undefined;
}

const asItIs: Reading = { text: (text) => text, whole: (data) => data };

/**
 * The fields that `paths` name, list by item: people as usernames, labels and milestones by name, and nothing that is
 * null or empty. Text loses its terminal controls.
 */
export function toCompact(
  tool: Viewed,
  data: unknown,
  paths: readonly string[] = tool.view,
  reading: Reading = asItIs,
): unknown {
  if (typeof data === "string") return reading.text(tool.answer === "text" ? cleanLog(data) : data, "");
  if (paths.length === 0) return reading.whole(data);
  const tree = viewTree(paths);
  const item = (part: unknown): unknown => (isObject(part) ? shape(part, tree, reading) : reading.whole(part));
  return Array.isArray(data) ? data.map(item) : item(data);
}

/** What is to be done with one field, worked out once for all items. */
interface FieldStep {
  readonly name: string;
  readonly node: ViewNode;
  readonly shown: ShownField;
  readonly isMoment: boolean;
}

const steps = new WeakMap<ViewNode, readonly FieldStep[]>();

function stepsOf(node: ViewNode): readonly FieldStep[] {
  let known = steps.get(node);
  if (!known) {
    known = [...node.fields].map(([name, inner]) => {
      return { name, node: inner, shown: shownField(name, inner), isMoment: hasMoments(name) };
    });
    steps.set(node, known);
  }
  return known;
}

function shape(data: Fields, tree: ViewNode, reading: Reading, depth = 0): Fields {
  const { secrets } = reading;
  const kept: Record<string, unknown> = {};
  for (const { name, node, shown, isMoment } of stepsOf(tree)) {
    if (node.beside !== undefined && !(node.beside in data)) continue;
    const found = data[name];
    if (found === undefined || found === null) continue;
    const hidden = secrets && hiddenValue(data, name, found, secrets);
    const value = hidden ?? read(found, name, node, shown.flatten, reading, depth + 1);
    if (!isEmpty(value)) kept[shown.name] = isMoment ? toSeconds(value) : value;
  }
  return kept;
}

function read(
  value: unknown,
  name: string,
  node: ViewNode,
  flatten: string | undefined,
  reading: Reading,
  depth: number,
): unknown {
  if (typeof value === "string") return reading.text(value, name);
  if (typeof value !== "object" || value === null) return value;
  checkDepth(depth);
  if (Array.isArray(value)) {
    return value.map((item) => read(item, name, node, flatten, reading, depth + 1)).filter((item) => !isEmpty(item));
  }
  if (node.fields.size === 0) return tidy(value, name, reading, depth);
  const fields = value as Fields;
  if (flatten === undefined) return shape(fields, node, reading, depth);
  const inner = node.fields.get(flatten);
  const found = fields[flatten];
  const hidden = reading.secrets && hiddenValue(fields, flatten, found, reading.secrets);
  return hidden ?? (inner && read(found, flatten, inner, shownField(flatten, inner).flatten, reading, depth + 1));
}

/** Links that repeat what the item's own link says, and pictures. */
const noise = new Set(["avatar_url", "_links", "web_url", "web_path", "relative_url"]);

/**
 * A field that is taken whole: people in it become their usernames, labels their names.
 *
 * @throws {RangeError} for data that is nested without end
 */
function tidy(value: unknown, name: string, reading: Reading, depth: number): unknown {
  if (typeof value === "string") return reading.text(value, name);
  if (typeof value !== "object" || value === null) return value;
  checkDepth(depth);
  if (Array.isArray(value))
    return value.map((item) => tidy(item, name, reading, depth + 1)).filter((item) => !isEmpty(item));
  if (!isObject(value)) return value;
  if (typeof value["username"] === "string" && "id" in value) return reading.text(value["username"], "username");
  if (typeof value["name"] === "string" && "color" in value && "text_color" in value)
    return reading.text(value["name"], "name");
  const { secrets } = reading;
  const kept: [name: string, value: unknown][] = [];
  for (const [field, part] of Object.entries(value)) {
    if (noise.has(field)) continue;
    const shown = (secrets && hiddenValue(value, field, part, secrets)) ?? tidy(part, field, reading, depth + 1);
    if (!isEmpty(shown)) kept.push([field, hasMoments(field) ? toSeconds(shown) : shown]);
  }
  // By entries: a field may be called __proto__.
  return Object.fromEntries(kept);
}

const hasMoments = (name: string): boolean => /_(?:at|date)$/.test(name);

/** Moments to the second: `2025-01-02T03:04:05.678+00:00` is `2025-01-02T03:04:05Z`. */
function toSeconds(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const [, moment, zone] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(value) ?? [];
  return moment === undefined ? value : `${moment}${zone === "+00:00" ? "Z" : (zone ?? "")}`;
}

/** Says nothing: null, no text, no items, no fields. False and zero say something. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  if (typeof value !== "object") return false;
  if (Array.isArray(value)) return value.length === 0;
  return Object.keys(value).length === 0;
}
