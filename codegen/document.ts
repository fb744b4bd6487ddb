import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { download, htmlInstead, type ReadOptions } from "./download.js";
import { isObject } from "../src/is-object.js";
import { lookUp, operations, pointer, referencePath, type OpenApiDocument } from "./openapi.js";
import { ProblemsError, refuse, type Problem } from "./problem.js";
import { walk } from "./structure.js";
import { YamlSource } from "./yaml-source.js";

/** A document as it was found, before it is understood. */
export interface DocumentInput {
  /** The file's base name, or the URL without credentials: nothing of the machine that reads it. */
  readonly name: string;
  readonly text: string;
  readonly sha256: string;
}

/** Where GitLab publishes the document of a release. */
export function releaseUrl(version: string): string {
  const [major, minor, patch = "0"] = version.replace(/^v/, "").replace(/-ee$/, "").split(".");
  return `https://gitlab.com/gitlab-org/gitlab/-/raw/v${major}.${minor}.${patch}-ee/doc/api/openapi/openapi_v3.yaml`;
}

/** Taken when nobody says which. */
export const defaultSource = releaseUrl("19.5.0");

const isUrl = (from: string): boolean => /^https?:\/\//i.test(from);

/**
 * Reads a document from a file, a URL, or a release given by its number (`19.5.0`).
 *
 * @throws {ProblemsError} when it cannot be read, with the reason.
 */
export async function readInput(from: string, options: ReadOptions = {}): Promise<DocumentInput> {
  const place = /^v?\d+\.\d+(?:\.\d+)?(?:-ee)?$/.test(from) ? releaseUrl(from) : from;
  const name = isUrl(place) ? publicUrl(place) : basename(place);
  options.onProgress?.(`Reading ${name}`);
  const bytes = await (isUrl(place) ? download(place, name, options) : readFile(place).catch(explainRead(place)));
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ProblemsError([{ file: name, message: "is not text in UTF-8" }], { cause });
  }
  return { name, text, sha256: createHash("sha256").update(bytes).digest("hex") };
}

function explainRead(file: string): (cause: unknown) => never {
  return (cause) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ProblemsError([{ file, message: `cannot be read: ${reason}` }], { cause });
  };
}

function publicUrl(address: string): string {
  const url = new URL(address);
  url.username = "";
  url.password = "";
  url.search = "";
  url.hash = "";
  return url.href;
}

/** A document that holds together, and the text it comes from. */
export interface LoadedDocument {
  readonly document: OpenApiDocument;
  readonly source: YamlSource;
}

/**
 * Reads an OpenAPI 3.0 document from its text.
 *
 * @throws {ProblemsError} when it is not YAML, not OpenAPI 3, has no paths, or a reference points to nothing.
 */
export function parseDocument(file: string, text: string): LoadedDocument {
  const source = sourceOf(file, text);
  const { value } = source;
  if (!isObject(value))
    throw new ProblemsError([{ file, line: 1, column: 1, message: "is not an OpenAPI document: it is no mapping" }]);
  const problem = (message: string, path: string[] = []): ProblemsError =>
    new ProblemsError([source.problem(path, message)]);
  if ("swagger" in value)
    throw problem(`is Swagger ${String(value["swagger"])}; an OpenAPI 3.0 document is needed`, ["swagger"]);
  if (typeof value["openapi"] !== "string" && typeof value["openapi"] !== "number")
    throw problem('is not an OpenAPI document: "openapi" is missing');
  const version = String(value["openapi"]);
  if (!version.startsWith("3.0")) throw problem(`is OpenAPI ${version}; a 3.0 document is needed`, ["openapi"]);
  if (!isObject(value["paths"])) throw problem("has no paths", "paths" in value ? ["paths"] : []);
  if (Object.keys(value["paths"]).length === 0) throw problem("has no paths", ["paths"]);
  if (!isObject(value["info"])) throw problem('has no "info"', "info" in value ? ["info"] : []);
  const info = { ...value["info"], title: String(value["info"]["title"]), version: String(value["info"]["version"]) };
  const document: OpenApiDocument = {
    ...value,
    openapi: version,
    info,
    paths: value["paths"] as OpenApiDocument["paths"],
  };
  refuse([
    ...sharedIds(document).map((path) => source.problem(path, "is the operationId of another operation as well")),
    ...danglingReferences(document).map(({ path, reference }): Problem => {
      const reason = reference.startsWith("#")
        ? "points to nothing"
        : "points out of the document, which is not supported";
      return { ...source.problem([...path, "$ref"], `$ref "${reference}" ${reason}`), pointer: `#${pointer(path)}` };
    }),
  ]);
  return { document, source };
}

/** What is no YAML at all has hundreds of faults; the first one says it. */
function sourceOf(file: string, text: string): YamlSource {
  if (/^\s*<(?:!doctype|html|\?xml)/i.test(text))
    throw new ProblemsError([{ file, line: 1, column: 1, message: htmlInstead }]);
  try {
    return new YamlSource(file, text);
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    const [first, ...others] = error.problems;
    if (first === undefined || others.length === 0) throw error;
    const message = `${first.message} (and ${others.length} more)`;
    throw new ProblemsError([{ ...first, message }], { cause: error });
  }
}

/** Where a document gives an operation the id of an earlier one. */
function sharedIds(document: OpenApiDocument): string[][] {
  const seen = new Set<string>();
  return [...operations(document)].flatMap(({ path, method, operation: { operationId } }) => {
    if (operationId === undefined) return [];
    const isShared = seen.has(operationId);
    seen.add(operationId);
    return isShared ? [["paths", path, method, "operationId"]] : [];
  });
}

/** References of a document that lead nowhere. */
export function danglingReferences(
  document: OpenApiDocument,
): { readonly path: readonly (string | number)[]; readonly reference: string }[] {
  const known = new Map<string, boolean>();
  const dangling: { path: readonly (string | number)[]; reference: string }[] = [];
  walk(document, "document", [], (node, path) => {
    const reference = node["$ref"];
    if (typeof reference !== "string") return;
    let found = known.get(reference);
    if (found === undefined) {
      const target = referencePath(reference);
      found = target !== undefined && isObject(lookUp(document, target));
      known.set(reference, found);
    }
    if (!found) dangling.push({ path, reference });
  });
  return dangling;
}
