import { walk } from "./structure.js";
import { isObject } from "../src/is-object.js";
import { pointer, type OpenApiDocument } from "./openapi.js";

/**
 * A Ruby regular expression as JavaScript's, or nothing where JavaScript cannot compile it. Only what means the same is
 * rewritten: `\A` and `\z` are the start and end of the text, `(?-mix:…)` switches options off that are off anyway.
 */
export function javascriptPattern(ruby: string): string | undefined {
  const rewritten = ruby.replace(/\\[\s\S]|\(\?-[mix]+:/g, (part) =>
    part === "\\A" ? "^" : part === "\\z" ? "$" : part.startsWith("(?-") ? "(?:" : part,
  );
  // In a class these are characters, and Ruby refuses them there: not ours to guess.
  if (/\[[^\]]*\\[Az]/.test(ruby)) return undefined;
  try {
    new RegExp(rewritten, "u");
    return rewritten;
  } catch {
    return undefined;
  }
}

/** Rewrites or drops, in place, every pattern of a document that is not JavaScript; says which were dropped. */
export function convertPatterns(document: OpenApiDocument): string[] {
  const dropped: string[] = [];
  walk(document, "document", [], (node, path, kind) => {
    if (kind !== "schema" || typeof node["pattern"] !== "string" || !isObject(node)) return;
    const converted = javascriptPattern(node["pattern"]);
    if (converted === undefined) {
      dropped.push(`#${pointer(path)}: the pattern ${node["pattern"]} cannot be compiled by JavaScript: dropped`);
      delete node["pattern"];
    } else node["pattern"] = converted;
  });
  return dropped;
}
