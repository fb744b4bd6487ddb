import * as z from "zod";
import { names } from "./manifest-words.js";

const text = z.string().min(1);

/** How a create whose answer got lost is found again. */
export const lostCreate = z.strictObject({
  in: text
    .optional()
    .describe("The tool that lists it, or shows it inside; of a text the lookup text. Default: the list at its path."),
  items: text.optional().describe("Where the answer has the list, where it is not the answer."),
  match: z.record(text, text).describe("Name on the wire → field that shows the same."),
  also: z
    .record(text, text)
    .optional()
    .describe("Name on the wire → field that tells it from others that match, where it was sent."),
  says: z.record(text, text).optional().describe("Field → what its text has in it; `{name}` is what was given."),
  assume: z
    .record(text, z.string())
    .optional()
    .describe("What GitLab takes for a name not sent; `{name}` is what was given."),
  has: z.record(text, z.string()).optional().describe("Field → what all show that this tool makes."),
  by: text.optional().describe("The field with who made it, or with their name or id."),
  made: text.optional().describe("The field with when it was made. Default: created_at."),
  query: z.record(text, text).optional().describe("What brings it to the first page."),
  unless: names.optional().describe("Names on the wire with which it lies elsewhere."),
  unique: z.literal(true).optional().describe("GitLab takes no second one."),
  alone: z.literal(true).optional().describe("Two look the same: others made since leave open which is which."),
  late: z.literal(true).optional().describe("GitLab takes its time: not to be seen does not say never."),
  one: text.optional().describe("The tool that reads it, where a list shows less than the create."),
  answer: z
    .record(text, z.string())
    .optional()
    .describe("The create's answer, by what was sent, where the list is of something else."),
  check: text.optional().describe("The tool that shows whether it is there. Default: that of its list."),
  becomes: text.optional().describe("Where the create's answer has it. Default: it is the answer, or a text's result."),
  secret: z
    .strictObject({
      field: text.describe("What only the create's answer shows."),
      remove: text.describe("The tool that takes it away."),
    })
    .optional()
    .describe("Without its answer it is worth nothing."),
});
