import { data, docs, header } from "./source.js";

/** `graphql.ts`: the enumerations that the answers of GraphQL tools name. */
export function graphqlTypes(enums: ReadonlyMap<string, readonly string[]>): string {
  const types = [...enums].map(
    ([name, values]) => `\n${docs(`GitLab's \`${name}\`.`)}export type ${name} =\n  ${values.map(data).join(" | ")};\n`,
  );
  return [header, ...types].join("");
}
