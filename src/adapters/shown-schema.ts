import * as z from "zod/mini";
import type { JsonSchema } from "../tools/json-schema.js";

export type ShownSchema = z.ZodMiniType<Record<string, unknown>, Record<string, unknown>>;

/**
 * A schema that shows itself as the tool's JSON Schema and takes everything: the tool reads its input more forgivingly
 * than a JSON Schema can say ("42" is a number), and refuses the rest with an answer that helps, not an exception.
 */
export function shownSchema(inputSchema: JsonSchema): ShownSchema {
  const schema = z.record(z.string(), z.unknown());
  // zod would name the dialect in each of them, which models pay for and do not read.
  schema._zod.toJSONSchema = () => ({ ...structuredClone(inputSchema), $schema: undefined });
  return schema;
}
