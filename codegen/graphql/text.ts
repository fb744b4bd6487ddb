import { join } from "node:path";
import {
  getLocation,
  GraphQLError,
  Kind,
  OperationTypeNode,
  parse,
  Source,
  validate,
  type DocumentNode,
  type OperationDefinitionNode,
} from "graphql";
import { readText } from "../files.js";
import type { Problem } from "../problem.js";
import type { Schemas } from "./schema.js";

/** A text of `spec/graphql/`: one operation and its fragments, which the whole schema bears out. */
export interface GraphQLText {
  readonly file: string;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly isMutation: boolean;
}

/** Longer texts GitLab refuses: https://docs.gitlab.com/api/graphql/#limits */
const longest = 10_000;

/** A text, or all that is wrong with it, each with its line and column. */
export async function readGraphQLText(
  root: string,
  file: string,
  { whole }: Schemas,
): Promise<GraphQLText | { readonly problems: readonly Problem[] }> {
  const body = await readText(join(root, file));
  if (body === undefined) return { problems: [{ file, message: "does not exist" }] };
  const source = new Source(body, file);
  let document: DocumentNode;
  try {
    document = parse(source);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return { problems: [problemOf(source, error)] };
  }
  const errors = validate(whole, document);
  if (errors.length > 0) return { problems: errors.map((error) => problemOf(source, error)) };
  const operations = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  const [operation, other] = operations;
  if (operation === undefined) return { problems: [{ file, line: 1, column: 1, message: "has no operation" }] };
  if (other) return { problems: [{ file, ...placeOf(source, other.loc?.start), message: "has a second operation" }] };
  if (body.length > longest)
    return { problems: [{ file, line: 1, column: 1, message: `is longer than GitLab's ${longest} characters` }] };
  return { file, document, operation, isMutation: operation.operation === OperationTypeNode.MUTATION };
}

function problemOf(source: Source, { message, positions }: GraphQLError): Problem {
  return { file: source.name, ...placeOf(source, positions?.[0]), message };
}

function placeOf(source: Source, position = 0): { line: number; column: number } {
  return getLocation(source, position);
}
