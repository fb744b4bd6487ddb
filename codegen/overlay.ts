import { query, type JSONPathNode, type JSONValue } from "json-p3";
import * as z from "zod";
import { isObject } from "../src/is-object.js";
import { lookUp, pointer, type OpenApiDocument } from "./openapi.js";
import { refuse, type Problem } from "./problem.js";
import { type YamlSource } from "./yaml-source.js";
import { schemaProblems } from "./schema-problems.js";

const action = z
  .strictObject({
    target: z.string().describe("JSONPath (RFC 9535) of what is corrected."),
    description: z.string().trim().min(1).describe("The reason of the correction."),
    update: z.unknown().optional(),
    remove: z.boolean().optional(),
    copy: z.string().optional().describe("JSONPath of one value that is merged into the target (Overlay 1.1.0)."),
  })
  .check((context) => {
    const { update, remove, copy } = context.value;
    const kinds = [update !== undefined, remove === true, copy !== undefined].filter(Boolean).length;
    if (kinds !== 1)
      context.issues.push({
        code: "custom",
        input: context.value,
        message: "needs one of update, remove: true and copy",
      });
  });

/** OpenAPI Overlay Specification 1.0.0, with the `copy` of 1.1.0. */
const overlaySchema = z.strictObject({
  overlay: z.enum(["1.0.0", "1.1.0"]),
  info: z.strictObject({ title: z.string(), version: z.string() }),
  actions: z.array(action).min(1),
});

type Action = z.infer<typeof action>;

/**
 * A corrected copy of a document.
 *
 * @throws {ProblemsError} naming every action that has no reason, a target that cannot be read or matches nothing, or
 * that changes nothing because the document has become right.
 */
export function applyOverlay(document: OpenApiDocument, source: YamlSource): OpenApiDocument {
  const { corrected, problems } = tryOverlay(document, source);
  refuse(problems);
  return corrected;
}

/** What {@link applyOverlay} does, with the actions that do not fit the document left out and said. */
export function tryOverlay(
  document: OpenApiDocument,
  source: YamlSource,
): { readonly corrected: OpenApiDocument; readonly problems: Problem[] } {
  // Through JSON, so that nothing is shared between places: a correction is of one place.
  const corrected = JSON.parse(JSON.stringify(document)) as OpenApiDocument;
  const parsed = overlaySchema.safeParse(source.value, { reportInput: true });
  if (!parsed.success) return { corrected, problems: schemaProblems(source, overlaySchema, parsed.error) };
  const problems: Problem[] = [];
  for (const [index, action] of parsed.data.actions.entries()) {
    const reason = apply(corrected, action);
    if (reason === undefined) continue;
    const name = `action ${index + 1} (${action.description.split("\n")[0]}): `;
    problems.push(source.problem(["actions", index, "target"], `${name}${reason}`));
  }
  return { corrected, problems };
}

/** Carries out one action; says why it could not. */
function apply(document: OpenApiDocument, action: Action): string | undefined {
  let nodes: JSONPathNode[];
  try {
    nodes = select(document, action.target);
    if (action.copy !== undefined) {
      const [node, ...others] = select(document, action.copy);
      if (node === undefined || others.length > 0)
        return `copy ${action.copy} matches ${node === undefined ? "nothing" : `${others.length + 1} values`}; it has to match one`;
      action = { ...action, update: structuredClone(node.value) };
    }
  } catch (error) {
    return `target ${action.target} is not JSONPath: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (nodes.length === 0)
    return `target ${action.target} matches nothing in the specification; correct or delete the action`;
  if (action.remove) {
    if (nodes.some((node) => node.location.length === 0)) return "removes the whole document";
    // Backwards, so that the places of array items that are still to come stay right.
    for (const node of nodes.toReversed()) remove(document, node.location);
    return undefined;
  }
  try {
    const changed = nodes.map((node) => update(document, node, action.update)).some(Boolean);
    if (changed) return undefined;
  } catch (error) {
    if (error instanceof Incompatible) return error.message;
    throw error;
  }
  const hint = JSON.stringify(action.update)?.includes("[")
    ? " (a list is added to; what is too much in it needs an action with remove)"
    : "";
  return `changes nothing: the specification says so already${hint}; delete the action`;
}

class Incompatible extends Error {}

/** Overlay 1.1.0, section 4.4.3: objects are merged, arrays are added to, the rest is replaced. Tells what changed. */
function update(document: OpenApiDocument, { value, location }: JSONPathNode, change: unknown): boolean {
  if (Array.isArray(value)) return append(value, change);
  if (isObject(value)) {
    if (isObject(change)) return merge(value, change, location);
    throw new Incompatible("update has to be a mapping, because the target is one");
  }
  if (isObject(change) || Array.isArray(change))
    throw new Incompatible("the target is a single value; update its parent, or remove it first");
  if (value === change) return false;
  const parent = lookUp(document, location.slice(0, -1).map(String));
  const last = location.at(-1);
  if (Array.isArray(parent)) parent[Number(last)] = change;
  else if (isObject(parent) && last !== undefined) parent[last] = change;
  return true;
}

function select(document: OpenApiDocument, path: string): JSONPathNode[] {
  // A document comes from YAML or JSON, and so is a JSON value.
  return query(path, document as object as JSONValue).nodes;
}

function remove(document: OpenApiDocument, location: readonly (string | number)[]): void {
  const parent = lookUp(document, location.slice(0, -1).map(String));
  const last = location.at(-1);
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else if (isObject(parent) && last !== undefined) delete parent[last];
}

/** Adds entries that are not there yet: the arrays of OpenAPI are sets. */
function append(target: unknown[], change: unknown): boolean {
  const texts = new Set(target.map((entry) => JSON.stringify(entry)));
  const entries: unknown[] = Array.isArray(change) ? change : [change];
  const added = entries.filter((entry) => !texts.has(JSON.stringify(entry)));
  target.push(...structuredClone(added));
  return added.length > 0;
}

function merge(
  target: Record<string, unknown>,
  change: Record<string, unknown>,
  location: readonly (string | number)[],
): boolean {
  let changed = false;
  for (const [key, value] of Object.entries(change)) {
    const old = target[key];
    if (!Object.hasOwn(target, key)) {
      target[key] = structuredClone(value);
      changed = true;
    } else if (isObject(old) && isObject(value)) changed = merge(old, value, [...location, key]) || changed;
    else if (Array.isArray(old) && Array.isArray(value)) changed = append(old, value) || changed;
    else if ([old, value].some((one) => typeof one === "object" && one !== null))
      throw new Incompatible(`update does not fit what is at #${pointer([...location, key])}; remove that first`);
    else if (old !== value) {
      target[key] = value;
      changed = true;
    }
  }
  return changed;
}
