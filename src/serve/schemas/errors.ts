import * as z from "zod";
import { errorCodes } from "../../errors/codes.js";
import { name, text } from "./named.js";

export const errorDetail = name(
  "ErrorDetail",
  z.looseObject({
    code: z.enum([...errorCodes, "invalid_api_key"]).meta({ description: "Stable: programs may branch on it." }),
    message: text("What happened, for a person."),
    hint: text("What to do next.").optional(),
    retryable: z
      .boolean()
      .meta({ description: "Whether the same request may succeed when it is sent again unchanged." }),
    status: z.int().optional().meta({ description: "The HTTP status of GitLab's answer, where there was one." }),
    tool_name: z.string().optional(),
    request_id: text("GitLab's id of the request, for its administrators.").optional(),
    details: z.record(z.string(), z.unknown()).optional().meta({ description: "Facts that a program can use." }),
  }),
);

export const errorAnswer = name("ErrorAnswer", z.looseObject({ error: errorDetail }));
