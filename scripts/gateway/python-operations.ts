import { header } from "./python-models.js";
import { givenType, nameOf, wrapped, type Schema } from "./python-types.js";

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

/** An operation of the document. */
export interface PythonOperation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly repeat: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
  /** The name of its answer's schema. */
  readonly answer: string;
}

interface Field {
  readonly name: string;
  readonly where: "path" | "query" | "body";
  readonly required: boolean;
  readonly schema: Schema;
  readonly description: string | undefined;
}

/** The operations as methods of two classes, one that waits and one for `asyncio`. */
export function pythonOperations(operations: readonly PythonOperation[]): string {
  const models = [...new Set(operations.map(({ answer }) => answer))].toSorted();
  return `${header}
from __future__ import annotations

from typing import Any, Awaitable, Callable, Literal, Mapping, Optional, Sequence, Union
from urllib.parse import quote

from ._models import (
${models.map((name) => `    ${name},`).join("\n")}
)
from ._requests import Request, given, new_idempotency_key

${classOf("Actions", "What the gateway does.", "Callable[[Request], Any]", operations, false)}

${classOf("AsyncActions", "What the gateway does, for ``asyncio``.", "Callable[[Request], Awaitable[Any]]", operations, true)}`;
}

function classOf(
  name: string,
  doc: string,
  send: string,
  operations: readonly PythonOperation[],
  waits: boolean,
): string {
  const methods = operations.map((operation) => methodOf(operation, waits));
  return `
class ${name}:
    """${doc}"""

    def __init__(self, send: ${send}) -> None:
        self._send = send

${methods.join("\n")}`;
}

function fieldsOf({ parameters, body }: PythonOperation): Field[] {
  const outside = parameters.flatMap(({ name, in: where, required = false, schema, description }): Field[] =>
    where === "path" || where === "query" ? [{ name, where, required, schema, description }] : [],
  );
  const inside = Object.entries(body?.properties ?? {}).map(([name, schema]): Field => {
    const required = body?.required?.includes(name) ?? false;
    return { name, where: "body", required, schema, description: schema.description };
  });
  return [...outside, ...inside].toSorted((a, b) => Number(b.required) - Number(a.required));
}

function declaration({ name, required, schema }: Field): string {
  const type = givenType(schema);
  if (required) return `${name}: ${type}`;
  if (name === "connection_name" && schema.default !== undefined)
    return `${name}: ${type} = ${JSON.stringify(schema.default)}`;
  return type === "Any" ? `${name}: Any = None` : `${name}: Optional[${type}] = None`;
}

function methodOf(operation: PythonOperation, waits: boolean): string {
  const { id, method, path, summary, repeat, answer } = operation;
  const fields = fieldsOf(operation);
  const keyed = repeat === "with a key";
  const declared = [...fields.map(declaration), ...(keyed ? ["idempotency_key: Optional[str] = None"] : [])];
  const told = fields.flatMap(({ name, description }) =>
    description === undefined ? [] : [wrapped(description, "            ", `        :param ${name}: `)],
  );
  if (keyed)
    told.push(
      wrapped(
        "The same call with the same key is carried out once within a day. Default: a new one, with which this call is repeated where nothing was heard of it.",
        "            ",
        "        :param idempotency_key: ",
      ),
    );
  const asked = (where: Field["where"]): string => {
    const names = fields.filter((field) => field.where === where).map(({ name }) => `"${name}": ${name}`);
    const lines = names.map((name) => `                        ${name},`);
    return `given(\n                    {\n${lines.join("\n")}\n                    }\n                )`;
  };
  const parts = [
    `"${method}"`,
    path.includes("{") ? `f"${path.replaceAll(/\{(\w+)\}/g, "{quote($1, safe='')}")}"` : `"${path}"`,
    ...(fields.some(({ where }) => where === "query") ? [`query=${asked("query")}`] : []),
    ...(operation.body ? [`body=${asked("body")}`] : []),
    `repeat="${repeat}"`,
    ...(keyed ? ["idempotency_key=idempotency_key or new_idempotency_key()"] : []),
  ];
  const parameters =
    declared.length === 0
      ? "self"
      : `\n        self,\n        *,\n${declared.map((one) => `        ${one},`).join("\n")}\n    `;
  const doc = [wrapped(summary, "        ", '        """'), ...(told.length > 0 ? ["", ...told] : []), '        """'];
  return `    ${waits ? "async " : ""}def ${id}(${parameters}) -> ${nameOf(answer)}:
${doc.join("\n")}
        answer = ${waits ? "await " : ""}self._send(
            Request(
${parts.map((part) => `                ${part},`).join("\n")}
            )
        )
        return ${nameOf(answer)}.from_dict(answer)
`;
}
