import { readFileSync } from "node:fs";
import type { GraphQLSchema } from "graphql";
import { schemaOf } from "../../graphql-editions.js";
import { packageFile } from "../server/document.js";

/** What other clients ask for, and no tool of ours. */
const beyond = "\nextend type CurrentUser { active: Boolean }\n";

const built = new Map<boolean, GraphQLSchema>();

/** GitLab's schema as far as this project knows it, for an Enterprise or a Community build; read when first asked. */
export function gitlabSchema(enterprise: boolean): GraphQLSchema {
  const known = built.get(enterprise);
  if (known !== undefined) return known;
  const definitions = readFileSync(packageFile("spec/graphql/schema.graphql"), "utf8") + beyond;
  const schema = schemaOf(definitions, { version: "19.5", enterprise });
  built.set(enterprise, schema);
  return schema;
}
