import { lifetimeSeconds } from "../../sessions/lifetime.js";
import { rowOfKey, storeOf } from "../api-keys.js";
import { policyOf } from "../bounds.js";
import { operation } from "../operation.js";
import * as s from "../schemas/sessions.js";

const mint = operation({
  id: "create_session",
  method: "POST",
  path: "/v1/sessions",
  summary: "Mints the bearer token of one person's agent, for the MCP server on the same store.",
  needs: "sessions:write",
  repeat: "freely",
  body: s.sessionRequest,
  answer: s.sessionAnswer,
  async run({ gitlab, apiKey, account, now, body }) {
    const key = account(body);
    const { access, projects, groups } = policyOf(apiKey, body);
    // A session of nobody would only be found out by its calls.
    await gitlab.actions.getConnectedAccount(key);
    const left = Math.floor((Date.parse(apiKey.expiresAt) - now()) / 1000);
    const session = {
      ...key,
      expiresIn: Math.max(1, Math.min(lifetimeSeconds(body.expires_in), left)),
      ...(access && { select: { access } }),
      ...(body.conversation !== undefined && { conversation: body.conversation }),
      policy: { ...(access && { access }), ...(projects && { projects }), ...(groups && { groups }) },
    };
    const { mintSession } = storeOf(gitlab).parts;
    const { token, sessionId, expiresAt } = await mintSession(session, rowOfKey(apiKey.keyId));
    return { token, session_id: sessionId, expires_at: expiresAt };
  },
});

const revoke = operation({
  id: "revoke_sessions",
  method: "DELETE",
  path: "/v1/sessions",
  summary: "Ends one session of a person, or all.",
  needs: "sessions:write",
  repeat: "freely",
  queryFields: s.sessionRevocation,
  answer: s.revokedAnswer,
  async run({ gitlab, account, query: { session_id: sessionId, ...query } }) {
    const key = account(query);
    if (sessionId === undefined) await gitlab.revokeSessions(key);
    else await gitlab.revokeSession({ ...key, sessionId });
    return { revoked: sessionId ?? "all" };
  },
});

export const sessionOperations = [mint, revoke];
