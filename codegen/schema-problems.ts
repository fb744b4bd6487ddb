import * as z from "zod";
import { suggestion } from "./suggestion.js";
import type { Problem } from "./problem.js";
import type { Path, YamlSource } from "./yaml-source.js";

/** What a zod schema finds wrong with a YAML file: where, and what would be right. */
export function schemaProblems(source: YamlSource, schema: z.ZodType, error: z.ZodError): Problem[] {
  return error.issues.flatMap((issue): Problem[] => {
    const path = issue.path.map((segment) => (typeof segment === "symbol" ? String(segment) : segment));
    const name = quoted(path);
    switch (issue.code) {
      case "unrecognized_keys": {
        const known = keysAt(schema, path);
        return issue.keys.map((key) =>
          source.problem([...path, key], `unknown key "${key}"${suggestion(key, known)}`, "key"),
        );
      }
      case "invalid_key":
        return [source.problem(path, issue.issues[0]?.message ?? issue.message, "key")];
      case "invalid_type": {
        const missing = issue.input === undefined;
        if (missing) {
          const parent = source.problem(path.slice(0, -1), `"${String(path.at(-1) ?? "")}" is missing`, "key");
          return [parent];
        }
        return [source.problem(path, `${name} has to be ${article(issue.expected)}`)];
      }
      case "invalid_value": {
        const value = valueAt(source.value, path);
        const choices = issue.values.map(String);
        return value === undefined
          ? [source.problem(path.slice(0, -1), `"${String(path.at(-1) ?? "")}" is missing`, "key")]
          : [source.problem(path, `${name} is ${JSON.stringify(value)}, which is not one of ${choices.join(", ")}`)];
      }
      default:
        return [source.problem(path, `${name} ${issue.message}`.trim())];
    }
  });
}

function quoted(path: Path): string {
  const last = path.findLast((segment) => typeof segment === "string");
  return last === undefined ? "the file" : `"${String(last)}"`;
}

function article(expected: string): string {
  const names: Record<string, string> = {
    string: "text",
    array: "a list",
    object: "a mapping",
    record: "a mapping",
    boolean: "true or false",
    int: "a whole number",
    number: "a number",
  };
  return names[expected] ?? expected;
}

function valueAt(root: unknown, path: Path): unknown {
  let node = root;
  for (const segment of path) {
    if (typeof node !== "object" || node === null) return undefined;
    node = (node as Record<string | number, unknown>)[segment];
  }
  return node;
}

/** Names that an object of the schema may have at a path. */
function keysAt(schema: z.ZodType, path: Path): string[] {
  let node: unknown = schema;
  for (const segment of path) {
    node = unwrap(node);
    if (node instanceof z.ZodObject) node = node.shape[String(segment)];
    else if (node instanceof z.ZodRecord) node = node.valueType;
    else if (node instanceof z.ZodArray) node = node.element;
    else return [];
  }
  node = unwrap(node);
  return node instanceof z.ZodObject ? Object.keys(node.shape) : [];
}

function unwrap(node: unknown): unknown {
  let inner = node;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault) inner = inner.unwrap();
  return inner;
}
