import type { GitLabEmulator } from "../emulator-types.js";
import type { GitLabState } from "../state/gitlab-state.js";
import type { Authority } from "./authority.js";
import { authorize } from "./authorize.js";
import { decideDevice } from "./device.js";

/** What a test may do about OAuth: register, agree in a person's place, take back, and look what was asked for. */
export const oauthControls = (ready: () => GitLabState, authority: Authority): GitLabEmulator["oauth"] => ({
  createApplication: (details) => {
    const { clientId, clientSecret } = authority.createApplication(details);
    return { clientId, clientSecret };
  },
  authorize: (link, { username, deny, scopes }) =>
    authorize(authority, new URL(link), { user: ready().requireUser(username), deny, scopes }),
  approveDevice: (userCode, { username, deny }) => {
    decideDevice(authority, userCode, ready().requireUser(username), deny);
  },
  revoke: (username, clientId) => {
    authority.revokeUser(ready().requireUser(username), clientId);
  },
  attempts: authority.attempts,
  refreshes: ({ username, clientId } = {}) =>
    authority.attempts.filter(
      (attempt) =>
        attempt.grantType === "refresh_token" &&
        attempt.error === undefined &&
        (username === undefined || attempt.username === username) &&
        (clientId === undefined || attempt.clientId === clientId),
    ).length,
});
