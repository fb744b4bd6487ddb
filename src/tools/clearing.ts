import type * as z from "zod/mini";

export const cannotBeCleared = "cannot be cleared; leave it out to keep it";

/** Whether it may be left out; zod sets `optin` on every transform, which is in all inputs. */
export const isOptional = (schema: z.core.$ZodType | undefined): boolean => schema?._zod.def.type === "optional";
