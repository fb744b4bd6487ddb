/** A JSON Schema of the gateway's document, as far as it has any. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
}

export const nameOf = (reference: string): string => reference.split("/").at(-1) ?? "";

const simple: Readonly<Record<string, string>> = { string: "str", integer: "int", number: "float", boolean: "bool" };

/** The name of an object that a schema describes on the spot. */
export const innerName = (owner: string, field: string): string =>
  owner + field.replaceAll(/(?:^|_)(\w)/g, (_, first: string) => first.toUpperCase());

/** The type of what is read. Words may become more: they are text. */
export function readType(schema: Schema, inner: string): string {
  if (schema.$ref !== undefined) return nameOf(schema.$ref);
  if (schema.items) return `List[${readType(schema.items, inner)}]`;
  if (schema.properties) return inner;
  if (schema.type === "object") return "Dict[str, Any]";
  return simple[schema.type ?? ""] ?? "Any";
}

/** The type of what is given. */
export function givenType(schema: Schema): string {
  if (schema.enum) return `Literal[${schema.enum.map((word) => JSON.stringify(word)).join(", ")}]`;
  if (schema.anyOf) return `Union[${schema.anyOf.map(givenType).join(", ")}]`;
  if (schema.items) return `Sequence[${givenType(schema.items)}]`;
  if (schema.type === "object") return "Mapping[str, Any]";
  return simple[schema.type ?? ""] ?? "Any";
}

const width = 116;

/** Text broken into lines of comments or docstrings. */
export function wrapped(text: string, indent: string, first = indent): string {
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(/\s+/)) {
    if (line.length + word.length + 1 > width && line.trim() !== "") {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()].join("\n");
}
