import { join } from "node:path";
import {
  Kind,
  parse,
  type ConstDirectiveNode,
  type DocumentNode,
  type GraphQLSchema,
  type ASTNode,
  visit,
} from "graphql";
import { schemaOf } from "../../src/graphql-editions.js";
import type { Needs } from "../../src/definition/graphql-call.js";
import { readText } from "../files.js";
import { ProblemsError } from "../problem.js";

const graphqlSchemaFile = "spec/graphql/schema.graphql";

/** The oldest version that the texts are written for. */
const oldest = "18.2";

/** The schema of a version and an edition. */
export interface Edition {
  readonly version: string;
  readonly enterprise: boolean;
  readonly schema: GraphQLSchema;
}

/** The slice of GitLab's schema, whole and as each version and edition has it. */
export interface Schemas {
  readonly whole: GraphQLSchema;
  /** The first is {@link oldest}; then those at which something is added. */
  readonly versions: readonly string[];
  readonly editions: readonly Edition[];
}

let known: { readonly text: string; readonly schemas: Schemas } | undefined;

/** @throws {ProblemsError} where the schema is missing */
export async function readSchemas(root: string): Promise<Schemas> {
  const text = await readText(join(root, graphqlSchemaFile));
  if (text === undefined) throw new ProblemsError([{ file: graphqlSchemaFile, message: "is missing" }]);
  // Cutting it to every edition takes a while.
  if (known?.text !== text) known = { text, schemas: schemasOf(text) };
  return known.schemas;
}

function schemasOf(text: string): Schemas {
  const whole = schemaOf(text, { version: "999.0", enterprise: true });
  const document = parse(text, { noLocation: true });
  const versions = [oldest, ...laterVersions(document)];
  const editions = versions.flatMap((version) =>
    [true, false].map((enterprise) => ({ version, enterprise, schema: schemaOf(document, { version, enterprise }) })),
  );
  return { whole, versions, editions };
}

/** What an instance needs, where `knows` says which versions and editions do. */
export function needsWhere({ versions, editions }: Schemas, knows: (edition: Edition) => boolean): Needs {
  const first = (enterprise: boolean): number => {
    const found = editions.find((edition) => edition.enterprise === enterprise && knows(edition));
    return found ? versions.indexOf(found.version) : -1;
  };
  // Where the editions got it at different times, the later one counts for both.
  const since = Math.max(first(true), first(false));
  const version = versions[since];
  return {
    ...(since > 0 && version !== undefined && { since: version }),
    ...(first(false) < 0 && { enterprise: true as const }),
  };
}

function laterVersions(document: DocumentNode): string[] {
  const found = new Set<string>();
  visit(document, {
    enter(node: ASTNode) {
      if (!("directives" in node)) return;
      for (const mark of node.directives ?? []) {
        const version = sinceOf(mark as ConstDirectiveNode);
        if (version !== undefined && weight(version) > weight(oldest)) found.add(version);
      }
    },
  });
  return [...found].sort((a, b) => weight(a) - weight(b));
}

function sinceOf({ name, arguments: [argument] = [] }: ConstDirectiveNode): string | undefined {
  if (name.value !== "since" && name.value !== "experiment") return undefined;
  return argument?.value.kind === Kind.STRING ? argument.value.value : undefined;
}

const weight = (version: string): number => {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major * 1000 + minor;
};
