import { innerName, nameOf, readType, wrapped, type Schema } from "./python-types.js";

/** Dataclasses of what the gateway answers. */
export function pythonModels(schemas: Readonly<Record<string, Schema>>, answers: readonly string[]): string {
  const used = new Set<string>();
  const visit = (schema: Schema): void => {
    if (schema.$ref !== undefined) {
      const name = nameOf(schema.$ref);
      if (used.has(name)) return;
      used.add(name);
      visit(schemas[name] ?? {});
    }
    if (schema.items) visit(schema.items);
    for (const part of Object.values(schema.properties ?? {})) visit(part);
  };
  for (const name of answers) visit({ $ref: name });
  const classes = [...used].toSorted().flatMap((name) => classesOf(name, schemas[name] ?? {}));
  const all = classes.map(({ name }) => `    "${name}",`).join("\n");
  return `${header}
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional

__all__ = [
${all}
]


${classes.map(({ text }) => text).join("\n\n")}`;
}

export const header = '"""Made of the gateway\'s OpenAPI document by `npm run generate`: not to be edited."""\n';

interface Class {
  readonly name: string;
  readonly text: string;
}

function classesOf(name: string, schema: Schema): Class[] {
  const { properties = {}, required = [] } = schema;
  const fields = Object.entries(properties).toSorted(
    ([a], [b]) => Number(required.includes(b)) - Number(required.includes(a)),
  );
  const inner = fields.flatMap(([field, part]) => {
    const object = part.properties ? part : part.items?.properties ? part.items : undefined;
    return object ? classesOf(innerName(name, field), object) : [];
  });
  const declared = fields.map(([field, part]) => {
    const type = readType(part, innerName(name, field));
    const told = [part.description, part.enum && `One of ${part.enum.join(", ")}.`].filter(Boolean).join(" ");
    const comment = told === "" ? "" : `${wrapped(told, "    #: ", "    #: ")}\n`;
    return `${comment}    ${field}: ${required.includes(field) ? type : `Optional[${type}] = None`}`;
  });
  const read = fields.map(
    ([field, part]) => `            ${field}=${reader(part, innerName(name, field), field, required)},`,
  );
  const text = `@dataclass(frozen=True)
class ${name}:
${declared.join("\n")}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ${name}:
        return cls(
${read.join("\n")}
        )
`;
  return [...inner, { name, text }];
}

/** How a field is read. What is new in an answer is passed over. */
function reader(part: Schema, inner: string, field: string, required: readonly string[]): string {
  const known = required.includes(field);
  const value = known ? `data["${field}"]` : `data.get("${field}")`;
  const kind = classOf(part, inner);
  if (part.items) {
    const item = classOf(part.items, inner);
    if (item === undefined) return value;
    return known
      ? `[${item}.from_dict(one) for one in ${value}]`
      : `[${item}.from_dict(one) for one in ${value} or []]`;
  }
  if (kind === undefined) return value;
  return known
    ? `${kind}.from_dict(${value})`
    : `${kind}.from_dict(data["${field}"]) if data.get("${field}") else None`;
}

const classOf = ({ $ref, properties }: Schema, inner: string): string | undefined =>
  $ref === undefined ? properties && inner : nameOf($ref);
