import { join } from "node:path";
import { parseDocument, readInput } from "./document.js";
import { readText } from "./files.js";
import { readLock, sourceOf } from "./lock.js";
import { merged } from "./input-type.js";
import { readManifest } from "./manifest-files.js";
import { operations, resolve, type OpenApiDocument, type RequestBody, type Response, type Schema } from "./openapi.js";
import type { OperationPlace } from "./parameter.js";
import { resolvedParameters } from "./parameter.js";
import { compare, ProblemsError } from "./problem.js";
import { prune } from "./prune.js";
import { lockFile, specificationFile } from "./places.js";
import { operationIds } from "./update-spec.js";

/** One difference between the project's specification and another document. */
export interface Change {
  readonly kind: "added" | "removed" | "changed";
  /** A tool's name, or `schema NAME`. */
  readonly where: string;
  /** What is different there, for a person. */
  readonly what: string;
}

export interface DiffOptions {
  readonly root: string;
  /** A file, a URL, or a GitLab release (`19.5.0`). Default: the published document of the locked release. */
  readonly from?: string;
  readonly onProgress?: (step: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * What a document would change for the tools of the manifest. Writes nothing.
 *
 * @throws {ProblemsError} when a document cannot be read.
 */
export async function diffSpec(options: DiffOptions): Promise<Change[]> {
  const { root, onProgress = () => {}, signal } = options;
  const manifest = await readManifest(root);
  const text = await readText(join(root, specificationFile));
  if (text === undefined)
    throw new ProblemsError([{ file: specificationFile, message: "is missing; `spec update` makes it" }]);
  const ids = operationIds(manifest);
  const before = prune(parseDocument(specificationFile, text).document, ids);
  const from = options.from ?? sourceOf(readLock(await readText(join(root, lockFile))));
  onProgress(`Reading ${from}`);
  const input = await readInput(from, signal);
  const after = prune(parseDocument(input.name, input.text).document, ids);
  onProgress("Comparing");
  const old = placesOf(before);
  const current = placesOf(after);
  const changes = manifest.entries.flatMap(({ name, tool }): Change[] => {
    const was = old.get(tool.operation);
    const is = current.get(tool.operation);
    if (!was && !is)
      return [{ kind: "removed", where: name, what: `operation ${tool.operation} is in neither document` }];
    if (!is) return [{ kind: "removed", where: name, what: `operation ${tool.operation}` }];
    if (!was) return [{ kind: "added", where: name, what: `operation ${tool.operation}` }];
    return operationChanges(was, is).map((change) => ({ ...change, where: name }));
  });
  return [...changes, ...schemaChanges(before.components?.schemas ?? {}, after.components?.schemas ?? {})];
}

type Difference = Omit<Change, "where">;

function placesOf(document: OpenApiDocument): Map<string, OperationPlace> {
  const places = new Map<string, OperationPlace>();
  for (const place of operations(document))
    if (place.operation.operationId !== undefined) places.set(place.operation.operationId, { document, ...place });
  return places;
}

function operationChanges(was: OperationPlace, is: OperationPlace): Difference[] {
  const moved = `${was.method.toUpperCase()} ${was.path}` !== `${is.method.toUpperCase()} ${is.path}`;
  const deprecated = was.operation.deprecated !== is.operation.deprecated && is.operation.deprecated === true;
  return [
    ...(moved ? [{ kind: "changed" as const, what: `is ${is.method.toUpperCase()} ${is.path} now` }] : []),
    ...(deprecated ? [{ kind: "changed" as const, what: "is deprecated now" }] : []),
    ...mapChanges("parameter", inputsOf(was), inputsOf(is)),
    ...mapChanges("answer", answersOf(was), answersOf(is)),
  ];
}

/** Parameters and properties of the body, by name and place, each in one line. */
function inputsOf(place: OperationPlace): Map<string, string> {
  const found = new Map<string, string>();
  for (const parameter of resolvedParameters(place)) {
    const style =
      parameter.style === undefined ? "" : ` (${parameter.style}, explode ${String(parameter.explode ?? "default")})`;
    found.set(
      `${parameter.name} (${parameter.in})`,
      describe(parameter.schema ?? {}, parameter.required ?? false) + style,
    );
  }
  const { document, operation } = place;
  const content = operation.requestBody ? resolve<RequestBody>(document, operation.requestBody).content : undefined;
  for (const media of Object.values(content ?? {})) {
    const body = merged({ document }, media.schema ?? {});
    for (const [name, schema] of Object.entries(body.properties ?? {}))
      found.set(`${name} (body)`, describe(schema, body.required?.includes(name) ?? false));
  }
  return found;
}

function answersOf({ document, operation }: OperationPlace): Map<string, string> {
  const found = new Map<string, string>();
  for (const [status, given] of Object.entries(operation.responses ?? {})) {
    const content = Object.entries(resolve<Response>(document, given).content ?? {});
    const kinds = content.map(([type, media]) => `${type} ${describe(media.schema ?? {}, false)}`);
    found.set(status, kinds.join(", ") || "no content");
  }
  return found;
}

function schemaChanges(before: Record<string, Schema>, after: Record<string, Schema>): Change[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(compare);
  return names.flatMap((name): Change[] => {
    const [was, is] = [before[name], after[name]];
    const where = `schema ${name}`;
    if (!is) return [{ kind: "removed", where, what: "is used no longer" }];
    if (!was) return [{ kind: "added", where, what: `${Object.keys(is.properties ?? {}).length} properties` }];
    const properties = mapChanges("property", propertiesOf(was), propertiesOf(is));
    const own =
      ownText(was) === ownText(is) ? [] : [{ kind: "changed" as const, what: `${ownText(was)} → ${ownText(is)}` }];
    return [...own, ...properties].map((change) => ({ ...change, where }));
  });
}

function propertiesOf(schema: Schema): Map<string, string> {
  return new Map(
    Object.entries(schema.properties ?? {}).map(([name, property]) => [
      name,
      describe(property, schema.required?.includes(name) ?? false),
    ]),
  );
}

function ownText({ properties: _properties, required: _required, ...own }: Schema): string {
  return JSON.stringify(own);
}

function mapChanges(word: string, before: Map<string, string>, after: Map<string, string>): Difference[] {
  const changes: Difference[] = [];
  for (const [name, text] of before) {
    const now = after.get(name);
    if (now === undefined) changes.push({ kind: "removed", what: `${word} ${name}` });
    else if (now !== text) changes.push({ kind: "changed", what: `${word} ${name}: ${text} → ${now}` });
  }
  for (const [name, text] of after)
    if (!before.has(name)) changes.push({ kind: "added", what: `${word} ${name}: ${text}` });
  return changes;
}

/** A schema in a few words; all of what tells it from another is in them. */
function describe(schema: Schema, required: boolean): string {
  const { type, $ref, items, ...rest } = schema;
  const name = $ref?.replace(/^.*\//, "") ?? (items ? `list of ${describe(items, false)}` : (type ?? "any"));
  const facts = Object.keys(rest).length > 0 ? ` ${JSON.stringify(rest)}` : "";
  return `${required ? "required " : ""}${name}${facts}`;
}
