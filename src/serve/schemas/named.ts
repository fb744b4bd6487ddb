/** What requests and answers look like: the one source of what is checked, typed and documented. */
import * as z from "zod";
import { accesses } from "../../policy/access.js";

/** Schemas that the OpenAPI document names. */
export const named = z.registry<{ id: string }>();

export function name<Schema extends z.ZodType>(id: string, schema: Schema): Schema {
  named.add(schema, { id });
  return schema;
}

export const text = (description: string) => z.string().meta({ description });
export const time = (description: string) =>
  z.string().meta({ description: `${description} ISO 8601.`, format: "date-time" });

export const access = z.enum(accesses);
