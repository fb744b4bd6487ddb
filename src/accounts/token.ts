import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { AccountRecord } from "../stores/account-store.js";
import { accountNotConnected } from "./account-errors.js";
import { tokenFacts, whoIs } from "./gitlab-token.js";
import { checkKey } from "./keys.js";
import { revokeReplaced } from "./replaced.js";
import type { AccountParts } from "./parts.js";
import { Secret } from "./secret.js";
import type { AccountKey } from "./types.js";

function checkToken(token: unknown): string {
  if (typeof token === "string" && /^[\x21-\x7e]+$/.test(token.trim())) return token.trim();
  const isMissing = typeof token !== "string" || token.trim() === "";
  throw new GitLabToolError({
    code: "invalid_input",
    message: isMissing
      ? "token is empty: it must be a GitLab access token."
      : "token must be a GitLab access token: a word without spaces.",
    hint: "Create one under Preferences → Access tokens on the instance and pass it whole.",
    details: { field: "token" },
  });
}

/**
 * Connects an account with a token that a person made: a personal, project or group access token. Refused when GitLab
 * refuses the token; an instance that does not answer the question gets the benefit of the doubt.
 */
export async function connectWithToken(
  { context, connections, registry, forget }: AccountParts,
  options: AccountKey & { readonly token: string },
): Promise<AccountRecord> {
  const key = checkKey(options);
  const checked = checkToken(options.token);
  const connection = await connections.resolve(key.connectionName);
  const { baseUrl } = connection;
  const { host } = new URL(baseUrl);
  const { verdict, user, answered } = await whoIs(context, connection, checked);
  if (verdict === "expired" || verdict === "revoked" || verdict === "unknown") {
    const because = verdict === "unknown" ? "does not know this token" : `says that this token is ${verdict}`;
    throw accountNotConnected(
      key,
      `${host} ${because}`,
      { reason: "token_refused", verdict },
      `Create a valid token under Preferences → Access tokens on ${host} and connect that one.`,
    );
  }
  if (verdict === "blocked") {
    throw new GitLabToolError({
      code: "account_blocked",
      message: `${host} has blocked the user of this token.`,
      hint: "Ask an administrator of the instance.",
      status: 403,
    });
  }
  // Who does not answer this question is not asked the next ones.
  const facts = answered ? await tokenFacts(context, connection, checked) : {};
  const tokens = { access: new Secret(checked), givenByPerson: true };
  const { account, replaced } = await registry.connect(await registry.add(key), {
    baseUrl,
    tokens,
    scopes: facts.scopes ?? [],
    expiresAt: facts.expiresAt ?? null,
    user,
  });
  forget(key);
  await revokeReplaced(context, connections, replaced, tokens);
  return account;
}
