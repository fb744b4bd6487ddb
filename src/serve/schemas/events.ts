import * as z from "zod";
import { connectedAccount } from "./accounts.js";
import { errorDetail } from "./errors.js";
import { name, text, time } from "./named.js";

export const eventsQuery = z.strictObject({
  after: z
    .string()
    .max(200)
    .optional()
    .meta({ description: "`next_cursor` of the answer before. Default: the oldest kept." }),
  limit: z.coerce.number().int().min(1).max(200).default(100).meta({ description: "How many at most." }),
});

const event = name(
  "AccountEvent",
  z.looseObject({
    id: z.string(),
    type: z
      .enum(["created", "connected", "expired", "revoked", "deleted", "refresh_failed"])
      .meta({ description: "There may come more." }),
    at: time("When it happened."),
    connected_account: connectedAccount,
    error: errorDetail.optional().meta({ description: "Of `refresh_failed`." }),
  }),
);

export const eventsAnswer = name(
  "EventsAnswer",
  z.looseObject({ events: z.array(event), next_cursor: text("Ask with it again, also when there were none.") }),
);
