import type { TextPart } from "../../src/definition/graphql-call.js";
import { header, object } from "./source.js";

/** `graphql-lookups.ts`: the texts by which what people name is found. */
export function graphqlLookups(texts: ReadonlyMap<string, readonly TextPart[]>): string {
  return `${header}import type { TextPart } from "../src/definition/graphql-call.js";

/** Texts by the names of their files in spec/graphql. */
export const graphqlLookups = ${object(Object.fromEntries(texts), 1)} satisfies Record<string, readonly TextPart[]>;
`;
}
