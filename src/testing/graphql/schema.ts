import { readFileSync } from "node:fs";
import type { GraphQLSchema } from "graphql";
import { schemaOf } from "../../graphql-editions.js";
import { packageFile } from "../server/document.js";

/** What other clients ask for, and no tool of ours. */
const beyond = "\nextend type CurrentUser { active: Boolean }\n";

const built = new Map<string, GraphQLSchema>();

/** GitLab's schema as far as this project knows it, for a version and a build; made when first asked. */
export function gitlabSchema(version: string, enterprise: boolean): GraphQLSchema {
  const key = `${version} ${String(enterprise)}`;
  const known = built.get(key);
  if (known !== undefined) return known;
  const definitions = readFileSync(packageFile("spec/graphql/schema.graphql"), "utf8") + beyond;
  const schema = schemaOf(definitions, { version, enterprise });
  built.set(key, schema);
  return schema;
}
