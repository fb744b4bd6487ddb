import * as z from "zod";
import { version } from "../version.js";
import { keyScopes } from "./api-keys.js";
import type { GatewayOperation } from "./operation.js";
import { operations } from "./operations/index.js";
import { errorAnswer } from "./schemas/errors.js";
import { named } from "./schemas/named.js";

type Json = Record<string, unknown>;

/** A JSON Schema without what only stand-alone schemas have. */
function bare({ $schema: _, $id: __, ...schema }: Json): Json {
  return schema;
}

const reference = (id: string): Json => ({ $ref: `#/components/schemas/${id}` });

/** Whole numbers have bounds of JavaScript's, which are nobody's business. */
const options = {
  io: "input",
  override({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  },
} as const;

/** Bodies are described as they are sent, answers as they are read: what has a default may be left out of one of them. */
function components(): Json {
  const { schemas } = z.toJSONSchema(named, { uri: (id) => `#/components/schemas/${id}`, ...options });
  const entries = Object.entries(schemas).map(([id, schema]): [string, Json] => [id, bare(schema as Json)]);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function schemaOf(schema: z.ZodType): Json {
  const id = named.get(schema)?.id;
  return id === undefined ? bare(z.toJSONSchema(schema, options) as Json) : reference(id);
}

function parametersOf(fields: z.ZodObject | undefined, where: "path" | "query"): Json[] {
  if (!fields) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(fields, options);
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...schema } = property as Json;
    const needed = where === "path" || required.includes(name);
    return {
      name,
      in: where,
      ...(needed && { required: true }),
      ...(description !== undefined && { description }),
      schema,
    };
  });
}

const idempotencyKey: Json = {
  name: "Idempotency-Key",
  in: "header",
  description:
    "Any text of your own, such as a random UUID. A request that changes something is carried out once within a day with the same key, and answered alike; reads may be repeated anyway.",
  schema: { type: "string", minLength: 1, maxLength: 255 },
};

const repeats = {
  freely: "May be repeated freely.",
  "with a key": "Reads may be repeated freely; changes with an Idempotency-Key.",
  never: "Is good once.",
} as const;

const json = (schema: Json): Json => ({ "application/json": { schema } });

function operationOf({
  id,
  path,
  summary,
  needs,
  repeat,
  pathFields,
  queryFields,
  body,
  answer,
}: GatewayOperation): Json {
  const parameters = [
    ...parametersOf(pathFields, "path"),
    ...parametersOf(queryFields, "query"),
    ...(repeat === "with a key" ? [idempotencyKey] : []),
  ];
  const scope = needs === undefined ? "Any key will do." : `The key has to be for \`${needs}\`.`;
  return {
    operationId: id,
    tags: [path.split("/")[2]?.replace(/^account$/, "accounts") ?? ""],
    summary,
    description: `${scope} ${repeats[repeat]}`,
    "x-repeat": repeat,
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: json(schemaOf(body)) } }),
    responses: {
      "200": { description: "Done.", content: json(schemaOf(answer)) },
      default: { $ref: "#/components/responses/Error" },
    },
  };
}

/** The gateway's own OpenAPI document, from the schemas that its requests are checked by. */
export function gatewayDocument(): Json {
  const paths = new Map<string, Json>();
  for (const one of operations)
    paths.set(one.path, { ...paths.get(one.path), [one.method.toLowerCase()]: operationOf(one) });
  return {
    openapi: "3.1.1",
    info: {
      title: "gitlab-agent-tools gateway",
      version,
      summary: "GitLab tools for AI agents that act on behalf of each engineer.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    security: [{ apiKey: [] }],
    tags: ["accounts", "callback", "tools", "definitions", "execute", "run", "sessions", "events"].map((name) => ({
      name,
    })),
    paths: Object.fromEntries(paths),
    components: {
      securitySchemes: {
        apiKey: {
          type: "http",
          scheme: "bearer",
          description: `A key from \`gitlab-agent-tools keys create\`. What a key may be for: ${keyScopes.join(", ")}.`,
        },
      },
      responses: {
        Error: {
          description: "Refused, or failed: `error.code` says why, `error.hint` what to do.",
          headers: {
            "Retry-After": { description: "Seconds to wait, where it is known.", schema: { type: "integer" } },
          },
          content: json(schemaOf(errorAnswer)),
        },
      },
      schemas: components(),
    },
  };
}
