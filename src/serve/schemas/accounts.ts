import * as z from "zod";
import { name, text, time } from "./named.js";

const connectionName = z.string().min(1).default("gitlab").meta({ description: "The connection's name." });
const identifier = z.string().min(1).max(512).meta({ description: "Your own id of the person." });

/** Whose account. */
export const accountFields = { connection_name: connectionName, identifier };

/** What an answer is remembered under. */
export const conversation = z.string().min(1).max(200).optional().meta({
  description: "Which conversation of an agent it belongs to, such as the id of a chat. Default: the account's one.",
});

export const accountRef = name("AccountRef", z.strictObject(accountFields));

const status = z.enum(["PENDING", "ACTIVE", "EXPIRED", "REVOKED"]);

export const connectedAccount = name(
  "ConnectedAccount",
  z.looseObject({
    id: z.string(),
    connection_name: z.string(),
    identifier: z.string(),
    status: status.meta({ description: "`ACTIVE` once the person has authorized it." }),
    scopes: z.array(z.string()).meta({ description: "OAuth scopes that were granted; empty while unknown." }),
    base_url: text("The GitLab instance."),
    gitlab_user: z
      .looseObject({ id: z.int(), username: z.string() })
      .optional()
      .meta({ description: "Who the token acts as; absent until connected." }),
    expires_at: time("When the access token ends, where GitLab tells. It is renewed by itself.").optional(),
    created_at: time("When it was created."),
    updated_at: time("When it changed last."),
  }),
);

export const accountAnswer = name("AccountAnswer", z.looseObject({ connected_account: connectedAccount }));

export const accountsQuery = z.strictObject({
  connection_name: z.string().min(1).optional().meta({ description: "Only this connection's." }),
  status: status.optional().meta({ description: "Only these." }),
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({ description: "How many at most." }),
  cursor: z.string().max(2000).optional().meta({ description: "`next_cursor` of the answer before." }),
});

export const accountsAnswer = name(
  "AccountsAnswer",
  z.looseObject({
    connected_accounts: z.array(connectedAccount),
    next_cursor: text("For the next page; absent on the last one.").optional(),
  }),
);

export const disconnectAnswer = name(
  "DisconnectAnswer",
  z.looseObject({
    connected_account: connectedAccount,
    revocation: z
      .enum(["revoked", "failed", "kept", "none"])
      .meta({ description: "What became of the token at GitLab; a token that a person gave stays valid (`kept`)." }),
    warning: text("Why the revocation failed, and what to do.").optional(),
  }),
);

export const linkRequest = name(
  "LinkRequest",
  z.strictObject({
    ...accountFields,
    scopes: z.array(z.string()).min(1).optional().meta({ description: "OAuth scopes, in place of the connection's." }),
    tools: z
      .array(z.string())
      .min(1)
      .optional()
      .meta({ description: "Asks for the least scopes that these tools need." }),
    return_to: text(
      "Where to send the person afterwards: a path of your product's. Comes back with the callback.",
    ).optional(),
    data: z.string().max(4000).optional().meta({ description: "Anything of yours. Comes back with the callback." }),
    redirect_uri: text("Your page that GitLab sends the person back to, in place of the connection's.").optional(),
  }),
);

export const linkAnswer = name(
  "LinkAnswer",
  z.looseObject({
    link: text("GitLab's consent page for this person alone."),
    expires_at: time("It is good once, until then."),
  }),
);

export const tokenRequest = name(
  "TokenRequest",
  z.strictObject({
    ...accountFields,
    token: z.string().min(1).meta({ description: "A personal, project or group access token." }),
  }),
);

export const callbackRequest = name(
  "CallbackRequest",
  z.strictObject({
    url: z
      .string()
      .min(1)
      .max(8000)
      .meta({ description: "The URL that GitLab sent the person's browser to, with its query." }),
    expected_identifier: identifier.meta({
      description:
        "Who is signed in to your product where the callback arrived: from your own session, never from the request.",
    }),
  }),
);

export const callbackAnswer = name(
  "CallbackAnswer",
  z.looseObject({
    connected_account: connectedAccount,
    return_to: text("As given to the link.").optional(),
    data: text("As given to the link.").optional(),
  }),
);
