import { createRequire } from "node:module";
import type * as OpenApiTypeScript from "openapi-typescript";
import type ts from "typescript";
import type { OpenApiDocument } from "../openapi.js";
import { onlyInAnswers } from "./only-in-answers.js";
import { header } from "./source.js";

// Required, not imported: Node would look through the nine megabytes of the compiler for names to import.
type TransformContext = OpenApiTypeScript.GlobalContext;

const require = createRequire(import.meta.url);
const { transformSchema, scanDiscriminators, resolveRef, astToString } =
  require("openapi-typescript") as typeof OpenApiTypeScript;
const { factory, isIdentifier, isLiteralTypeNode, isUnionTypeNode, SyntaxKind } = require("typescript") as typeof ts;

/**
 * `openapi.ts`: the types of the corrected specification. The TypeScript printer's format is kept: it is long.
 *
 * The document is transformed as it is: checking and bundling it, which the package does first, is done, and took longer.
 */
export function openapiTypes(document: OpenApiDocument): string {
  const isAnswer = onlyInAnswers(document);
  const schema = document as OpenApiTypeScript.OpenAPI3;
  const options = {
    // A default is what GitLab assumes for a request; in an answer it promises nothing.
    defaultNonNullable: false,
    emptyObjectsUnknown: true,
    silent: true,
  };
  const context = {
    ...options,
    discriminators: scanDiscriminators(schema, options),
    injectFooter: [],
    postTransform: (type, { path }) => (path !== undefined && isAnswer(path) ? opened(type) : undefined),
    resolve: (reference) => resolveRef(schema, reference, options),
  } as Partial<TransformContext> as TransformContext;
  return header + astToString(transformSchema(schema, context));
}

/**
 * Words of an answer are those that GitLab has had so far: a later release may have more, and code has to be ready for
 * them. `string & {}` keeps the known ones in an editor's suggestions.
 */
function opened(type: ts.TypeNode): ts.TypeNode | undefined {
  const parts = isUnionTypeNode(type) ? type.types : [type];
  // openapi-typescript writes a word as an identifier with its quotes.
  const words = parts.filter((part: ts.Node) => isIdentifier(part) && part.text.startsWith('"'));
  const others = parts.filter((part) => !words.includes(part));
  const isNull = (part: ts.TypeNode): boolean =>
    isLiteralTypeNode(part) && part.literal.kind === SyntaxKind.NullKeyword;
  if (words.length === 0 || !others.every(isNull)) return undefined;
  const text = factory.createKeywordTypeNode(SyntaxKind.StringKeyword);
  const any = factory.createIntersectionTypeNode([text, factory.createTypeLiteralNode([])]);
  return factory.createUnionTypeNode([...words, factory.createParenthesizedType(any), ...others]);
}
