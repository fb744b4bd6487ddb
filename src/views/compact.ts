import { isObject, type Fields } from "../is-object.js";
import { checkDepth } from "./depth.js";
import { cleanLog } from "./job-log.js";
import { hiddenValue, maskSecrets, maskText, type SecretFields } from "./secrets.js";
import { shownField, viewTree, type ShownField, type ViewNode } from "./view-tree.js";

/** What the views need to know of a tool. */
export interface Viewed {
  readonly name: string;
  readonly answer: string;
  readonly view: readonly string[];
}

/** What is hidden as a secret; `undefined` where nothing is. */
type Masked = SecretFields | undefined;

const show = (text: string, masked: Masked): string => (masked ? maskText(text) : text);

/**
 * The fields that `paths` name, list by item: people as usernames, labels and milestones by name, and nothing that is
 * null or empty. Text loses its terminal controls. Secrets are hidden on the same walk.
 *
 * @param masked where given, secrets are hidden, and the values of these fields
 */
export function toCompact(
  tool: Viewed,
  data: unknown,
  paths: readonly string[] = tool.view,
  masked?: SecretFields,
): unknown {
  if (typeof data === "string") return show(tool.answer === "text" ? cleanLog(data) : data, masked);
  if (paths.length === 0) return masked ? maskSecrets(data, masked) : data;
  const tree = viewTree(paths);
  const whole = (item: unknown): unknown =>
    isObject(item) ? shape(item, tree, masked) : masked ? maskSecrets(item, masked) : item;
  return Array.isArray(data) ? data.map(whole) : whole(data);
}

/** What is to be done with one field, worked out once for all items. */
interface FieldStep {
  readonly name: string;
  readonly node: ViewNode;
  readonly shown: ShownField;
}

const steps = new WeakMap<ViewNode, readonly FieldStep[]>();

function stepsOf(node: ViewNode): readonly FieldStep[] {
  let known = steps.get(node);
  if (!known) {
    known = [...node.fields].map(([name, inner]) => ({ name, node: inner, shown: shownField(name, inner) }));
    steps.set(node, known);
  }
  return known;
}

function shape(data: Fields, tree: ViewNode, masked: Masked, depth = 0): Fields {
  const kept: Record<string, unknown> = {};
  for (const { name, node, shown } of stepsOf(tree)) {
    if (node.beside !== undefined && !(node.beside in data)) continue;
    const found = data[name];
    if (found === undefined || found === null) continue;
    const value =
      (masked && hiddenValue(data, name, found, masked)) ??
      toSeconds(name, read(found, node, shown.flatten, masked, depth + 1));
    if (!isEmpty(value)) kept[shown.name] = value;
  }
  return kept;
}

function read(value: unknown, node: ViewNode, flatten: string | undefined, masked: Masked, depth: number): unknown {
  if (typeof value === "string") return show(value, masked);
  if (typeof value !== "object" || value === null) return value;
  checkDepth(depth);
  if (Array.isArray(value)) {
    return value.map((item) => read(item, node, flatten, masked, depth + 1)).filter((item) => !isEmpty(item));
  }
  if (node.fields.size === 0) return tidy(value, masked, depth);
  const fields = value as Fields;
  if (flatten === undefined) return shape(fields, node, masked, depth);
  const inner = node.fields.get(flatten);
  const found = fields[flatten];
  const hidden = masked && hiddenValue(fields, flatten, found, masked);
  return hidden ?? (inner && read(found, inner, shownField(flatten, inner).flatten, masked, depth + 1));
}

/** Links that repeat what the item's own link says, and pictures. */
const noise = new Set(["avatar_url", "_links", "web_url", "web_path", "relative_url"]);

/**
 * A field that is taken whole: people in it become their usernames, labels their names.
 *
 * @throws {RangeError} for data that is nested without end
 */
function tidy(value: unknown, masked: Masked, depth: number): unknown {
  if (typeof value === "string") return show(value, masked);
  if (typeof value !== "object" || value === null) return value;
  checkDepth(depth);
  if (Array.isArray(value)) return value.map((item) => tidy(item, masked, depth + 1)).filter((item) => !isEmpty(item));
  if (!isObject(value)) return value;
  if (typeof value["username"] === "string" && "id" in value) return show(value["username"], masked);
  if (typeof value["name"] === "string" && "color" in value && "text_color" in value)
    return show(value["name"], masked);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !noise.has(name))
      .map(([name, part]): [string, unknown] => [
        name,
        (masked && hiddenValue(value, name, part, masked)) ?? toSeconds(name, tidy(part, masked, depth + 1)),
      ])
      .filter(([, part]) => !isEmpty(part)),
  );
}

/** Moments to the second: `2025-01-02T03:04:05.678+00:00` is `2025-01-02T03:04:05Z`. */
function toSeconds(name: string, value: unknown): unknown {
  if (typeof value !== "string" || !/_(?:at|date)$/.test(name)) return value;
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
