import { isInterfaceType, isObjectType, type GraphQLSchema } from "graphql";
import * as z from "zod";
import { isObject } from "../src/is-object.js";
import { snakeCase } from "../src/views/fold.js";
import type { Manifest } from "./manifest-files.js";
import { lookUp, operations, referencePath, type OpenApiDocument } from "./openapi.js";
import { refuse } from "./problem.js";
import { editorSchema, readSpecFile } from "./spec-file.js";
import { suggestion } from "./suggestion.js";

const fieldsFile = "spec/fields.yaml";

const words = z.array(z.string().min(1)).min(1);

const fieldsSchema = z.strictObject({
  markdown: words.describe("What people write for people in Markdown."),
  plain: words.describe("What people write for people, in which GitLab shows markup as it is written."),
  made: words.describe("What GitLab makes itself: states, kinds, settings, roles."),
  names: words.describe("Names that calls take: of people, branches, tags, files and places."),
  ours: words.optional().describe("Those that only tools made of several calls answer, and say in no view."),
});

/** What is known of an answer's fields by their names. */
export type AnswerFields = Omit<z.infer<typeof fieldsSchema>, "ours">;

/** What has the fields that there are. */
export interface Answers {
  readonly document: OpenApiDocument;
  /** Absent where there are no GraphQL texts. */
  readonly schema: GraphQLSchema | undefined;
  readonly manifest: Manifest;
}

/**
 * Reads `spec/fields.yaml`; undefined where a project has none.
 *
 * @throws {ProblemsError} with all that is wrong with its form, and every name that no answer has or that is there twice
 */
export async function readFields(root: string, answers: Answers): Promise<AnswerFields | undefined> {
  const file = await readSpecFile(root, fieldsFile, fieldsSchema);
  if (!file) return undefined;
  const { source, data } = file;
  const { ours = [], ...lists } = data;
  const known = new Set([...ofDocument(answers.document), ...ofSchema(answers.schema), ...ofViews(answers.manifest)]);
  const seen = new Set<string>();
  refuse([
    ...ours.flatMap((name, index) =>
      known.has(name) ? [source.problem(["ours", index], `GitLab's answers have a field "${name}"`)] : [],
    ),
    ...Object.entries(lists).flatMap(([list, names]) =>
      names.flatMap((name, index) => {
        const isTwice = seen.has(name);
        seen.add(name);
        const at = [list, index];
        if (isTwice) return [source.problem(at, `"${name}" is said already`)];
        return known.has(name) || ours.includes(name)
          ? []
          : [source.problem(at, `no answer has a field "${name}"${suggestion(name, known)}`)];
      }),
    ),
  ]);
  return lists;
}

/** The JSON Schema that editors check `spec/fields.yaml` with. */
export function fieldsJsonSchema(): object {
  return editorSchema("Fields of answers", fieldsSchema);
}

/** The properties of all answers of GitLab's document. */
function ofDocument(document: OpenApiDocument): ReadonlySet<string> {
  const names = new Set<string>();
  const visited = new Set<unknown>();
  const visit = (part: unknown): void => {
    if (visited.has(part)) return;
    visited.add(part);
    if (Array.isArray(part)) part.forEach(visit);
    if (!isObject(part)) return;
    const path = typeof part["$ref"] === "string" ? referencePath(part["$ref"]) : undefined;
    if (path) visit(lookUp(document, path));
    if (isObject(part["properties"])) for (const name of Object.keys(part["properties"])) names.add(name);
    Object.values(part).forEach(visit);
  };
  for (const { operation } of operations(document)) visit(operation.responses);
  return names;
}

/** The fields of GitLab's GraphQL types, as answers have them and as a view names them. */
const ofSchema = (schema: GraphQLSchema | undefined): string[] =>
  Object.values(schema?.getTypeMap() ?? {}).flatMap((type) =>
    isObjectType(type) || isInterfaceType(type)
      ? Object.keys(type.getFields()).flatMap((name) => [name, snakeCase(name)])
      : [],
  );

/** What tools made of several calls answer. */
const ofViews = ({ workflows }: Manifest): string[] =>
  workflows.flatMap(({ tool: { view = [] } }) => view.flatMap((path) => path.replaceAll("[]", "").split(".")));
