import type { GitLabState } from "../state/gitlab-state.js";
import type { IncomingRequest } from "../server/api.js";
import type { Part } from "../server/server.js";

/** `POST /api/graphql`. The GraphQL engine and the schema are loaded with the first question. */
export const graphqlPart = (gitlab: GitLabState): Part => ({
  matches: (path) => path.replace(/\/$/, "") === "/api/graphql",
  answer: async (request: IncomingRequest) => (await import("./answer.js")).answerGraphql(gitlab, request),
});
