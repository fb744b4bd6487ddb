import { because, type Finding, type Rule } from "../refused-call.js";

/** A token whose scopes do not suffice, before a call or after it. */
export function insufficientScope(
  needed: readonly string[],
  granted: readonly string[],
  connectedWith?: "token",
): Finding {
  const least = needed[0] ?? "api";
  const link = `a link from getAuthorizationLink({ scopes: ["${least}"] })`;
  return {
    code: "insufficient_scope",
    message: `The token lacks a scope: needs ${needed.join(" or ")}${granted.length > 0 ? `, has ${granted.join(", ")}` : ""}.`,
    hint:
      connectedWith === "token"
        ? `The account was connected with a token, whose scopes are fixed: have the user create one with the scope ${least} and connect it with connectWithToken, or authorize with ${link}.`
        : `Scopes are fixed at consent: have the user authorize again with ${link}.`,
    details: { needed, granted },
  };
}

const again = (connectedWith?: "token"): string =>
  connectedWith === "token"
    ? "Have the user create a new token and connect it with connectWithToken, or authorize with a link from getAuthorizationLink."
    : "Have the user authorize again with a link from getAuthorizationLink.";

/** Is it the token: its scopes, its permissions, its life? https://docs.gitlab.com/security/tokens/ */
export const tokenRules: readonly Rule[] = [
  {
    status: [401, 403],
    when: (body) => body.error === "insufficient_scope",
    finding: (_, { scopes, grantedScopes, connectedWith }) => insufficientScope(scopes, grantedScopes, connectedWith),
  },
  {
    // Fine-grained personal access tokens have permissions in place of scopes:
    // https://docs.gitlab.com/auth/tokens/fine_grained_access_tokens/
    status: [401, 403],
    when: (body) => /^insufficient_\w*scope$/.test(body.error ?? ""),
    finding: (body, { scopes }) => ({
      code: "insufficient_scope",
      message: `The token lacks a permission${because(body)}`,
      hint: "Have the user make a token with this permission and connect it, or authorize with getAuthorizationLink.",
      details: { needed: scopes, granted: [] },
    }),
  },
  {
    // GitLab refuses a token that was refreshed a moment ago.
    status: [401],
    when: (body) => body.error === "invalid_token",
    finding: (body, { connectedWith }) => ({
      code: /revoked/i.test(body.text) ? "account_revoked" : "account_not_connected",
      message: `GitLab refuses this account's token, renewed a moment ago${because(body)}`,
      hint: again(connectedWith),
    }),
  },
];
