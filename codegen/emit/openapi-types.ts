import { createRequire } from "node:module";
import type * as OpenApiTypeScript from "openapi-typescript";
import type { OpenApiDocument } from "../openapi.js";
import { header } from "./source.js";

// Required, not imported: Node would look through the nine megabytes of the compiler for names to import.
const require = createRequire(import.meta.url);
const { default: openapiTS, astToString } = require("openapi-typescript") as typeof OpenApiTypeScript;

/** `openapi.ts`: the types of the corrected specification. The TypeScript printer's format is kept: it is long. */
export async function openapiTypes(document: OpenApiDocument): Promise<string> {
  const nodes = await openapiTS(JSON.stringify(document), {
    alphabetize: false,
    // A default is what GitLab assumes for a request; in an answer it promises nothing.
    defaultNonNullable: false,
    emptyObjectsUnknown: true,
    silent: true,
  });
  return header + astToString(nodes);
}
