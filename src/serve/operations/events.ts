import { errorShape } from "../answers.js";
import { reaches } from "../bounds.js";
import { operation } from "../operation.js";
import * as s from "../schemas/events.js";
import { accountShape } from "../shapes.js";

const list = operation({
  id: "list_events",
  method: "GET",
  path: "/v1/events",
  summary: "What has happened to the product's accounts in the last week, in the order of time.",
  needs: "events:read",
  repeat: "freely",
  queryFields: s.eventsQuery,
  answer: s.eventsAnswer,
  async run({ journal, apiKey, query: { after, limit } }) {
    const { events, cursor } = await journal.list({ after, limit, matches: (account) => reaches(apiKey, account) });
    return {
      events: events.map(({ id, type, at, account, error }) => ({
        ...{ id, type, at },
        connected_account: accountShape(apiKey, account),
        ...(error && { error: errorShape(error, { apiKey, account }) }),
      })),
      next_cursor: cursor,
    };
  },
});

export const eventOperations = [list];
