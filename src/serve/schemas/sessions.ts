import * as z from "zod";
import { accountFields, conversation } from "./accounts.js";
import { access, name, text, time } from "./named.js";

export const sessionRequest = name(
  "SessionRequest",
  z.strictObject({
    ...accountFields,
    expires_in: z
      .union([z.int().min(1), z.string()])
      .default("1h")
      .meta({ description: "Seconds, or a number with a unit: `30m`, `8h`, `7d`. Never beyond the key's own end." }),
    access: access.optional().meta({ description: "The most that its calls may do, within what the key may." }),
    projects: z.array(z.string()).min(1).optional().meta({ description: "Only these projects: numbers or paths." }),
    groups: z.array(z.string()).min(1).optional().meta({ description: "Only these groups and all that is in them." }),
    conversation: conversation.meta({
      description: "Which conversation the session belongs to. Default: one of its own.",
    }),
  }),
);

export const sessionAnswer = name(
  "SessionAnswer",
  z.looseObject({
    token: text("The bearer token of one person's agent, for the MCP server on the same store."),
    session_id: z.string(),
    expires_at: time("Its end."),
  }),
);

export const sessionRevocation = z.strictObject({
  ...accountFields,
  session_id: z.string().min(1).optional().meta({ description: "Only this one; default: all of the person." }),
});

export const revokedAnswer = name("RevokedAnswer", z.looseObject({ revoked: text("The session's id, or `all`.") }));
