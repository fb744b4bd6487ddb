import { keyText } from "../../stores/key-text.js";
import { checkName } from "../../accounts/keys.js";
import type { AccountKey, ConnectedAccount } from "../../accounts/types.js";
import { GitLabToolError } from "../../errors/gitlab-tool-error.js";
import type { GitLab } from "../../gitlab-types.js";
import type { ApiKey } from "../api-keys.js";
import { hasConnection, prefixOf, reaches } from "../bounds.js";
import { operation } from "../operation.js";
import * as s from "../schemas/accounts.js";
import { accountShape } from "../shapes.js";

const create = operation({
  id: "get_or_create_connected_account",
  method: "POST",
  path: "/v1/accounts",
  summary: "Gets a person's account on a connection; makes one, PENDING, where there is none.",
  needs: "accounts:write",
  repeat: "freely",
  body: s.accountRef,
  answer: s.accountAnswer,
  async run({ gitlab, apiKey, account, body }) {
    const { connectedAccount } = await gitlab.actions.getOrCreateConnectedAccount(account(body));
    return { connected_account: accountShape(apiKey, connectedAccount) };
  },
});

const list = operation({
  id: "list_connected_accounts",
  method: "GET",
  path: "/v1/accounts",
  summary: "Lists the product's accounts, a page at a time.",
  needs: "accounts:read",
  repeat: "freely",
  queryFields: s.accountsQuery,
  answer: s.accountsAnswer,
  async run({ gitlab, apiKey, query }) {
    const { connection_name: connectionName, status, limit, cursor } = query;
    if (connectionName !== undefined) checkName(connectionName, "connectionName");
    const after = cursor === undefined ? undefined : openCursor(cursor);
    const found = await listFor(gitlab, apiKey, {
      ...(connectionName !== undefined && { connectionName }),
      ...(status && { status }),
      ...(after && { after }),
      limit: limit + 1,
    });
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    return {
      connected_accounts: shown.map((account) => accountShape(apiKey, account)),
      ...(found.length > limit && last && { next_cursor: cursorOf(last) }),
    };
  },
});

interface AccountListOptions {
  readonly connectionName?: string;
  readonly status?: ConnectedAccount["status"];
  readonly after?: AccountKey;
  readonly limit: number;
}

/** What the key reaches, whatever the cursor says. */
async function listFor(
  gitlab: GitLab,
  apiKey: ApiKey,
  { connectionName, limit, after, ...filter }: AccountListOptions,
): Promise<ConnectedAccount[]> {
  const { connections } = apiKey;
  const asked =
    connectionName === undefined ? connections : [connectionName].filter((name) => hasConnection(apiKey, name));
  const names = asked === "all" ? [undefined] : [...new Set(asked)].toSorted();
  const found: ConnectedAccount[] = [];
  for (const name of names) {
    // Accounts are in the order of their connections.
    if (name !== undefined && after !== undefined && name < after.connectionName) continue;
    const { connectedAccounts } = await gitlab.actions.listConnectedAccounts({
      ...filter,
      ...(name !== undefined && { connectionName: name }),
      ...(after && (name === undefined || name === after.connectionName) && { after }),
      identifierPrefix: prefixOf(apiKey),
      limit: limit - found.length,
    });
    found.push(...connectedAccounts.filter((account) => reaches(apiKey, account)));
    if (found.length >= limit) break;
  }
  return found;
}

const cursorOf = (key: AccountKey): string => Buffer.from(keyText(key)).toString("base64url");

function openCursor(cursor: string): AccountKey {
  try {
    const [connectionName, identifier] = JSON.parse(Buffer.from(cursor, "base64url").toString()) as unknown[];
    if (typeof connectionName === "string" && typeof identifier === "string") return { connectionName, identifier };
  } catch {
    // No JSON: none of ours.
  }
  throw new GitLabToolError({
    code: "invalid_input",
    message: "The query does not fit: cursor: is none that an answer has given.",
    hint: "Leave cursor out for the first page, and pass next_cursor on as it is.",
    details: { fields: [{ field: "cursor", message: "is none that an answer has given" }] },
  });
}

const get = operation({
  id: "get_connected_account",
  method: "GET",
  path: "/v1/account",
  summary: "Gets a person's account on a connection.",
  needs: "accounts:read",
  repeat: "freely",
  queryFields: s.accountRef,
  answer: s.accountAnswer,
  async run({ gitlab, apiKey, account, query }) {
    const { connectedAccount } = await gitlab.actions.getConnectedAccount(account(query));
    return { connected_account: accountShape(apiKey, connectedAccount) };
  },
});

const disconnect = operation({
  id: "delete_connected_account",
  method: "DELETE",
  path: "/v1/account",
  summary: "Revokes the account's token at GitLab, then deletes the account.",
  needs: "accounts:write",
  repeat: "freely",
  queryFields: s.accountRef,
  answer: s.disconnectAnswer,
  async run({ gitlab, apiKey, account, query }) {
    const deleted = await gitlab.actions.deleteConnectedAccount(account(query));
    const { connectedAccount, revocation, warning } = deleted;
    return {
      connected_account: accountShape(apiKey, connectedAccount),
      revocation,
      ...(warning !== undefined && { warning }),
    };
  },
});

const link = operation({
  id: "get_authorization_link",
  method: "POST",
  path: "/v1/account/link",
  summary: "Makes the link on which a person authorizes the account at GitLab: for one use, within ten minutes.",
  needs: "accounts:write",
  repeat: "freely",
  body: s.linkRequest,
  answer: s.linkAnswer,
  async run({ gitlab, account, body }) {
    const { scopes, tools, return_to: returnTo, data, redirect_uri: redirectUri } = body;
    const { link: url, expiresAt } = await gitlab.actions.getAuthorizationLink({
      ...account(body),
      ...(scopes && { scopes }),
      ...(tools && { tools }),
      ...(returnTo !== undefined && { returnTo }),
      ...(data !== undefined && { data }),
      ...(redirectUri !== undefined && { redirectUri }),
    });
    return { link: url, expires_at: expiresAt };
  },
});

const callback = operation({
  id: "handle_callback",
  method: "POST",
  path: "/v1/callback",
  summary: "Completes an authorization from the URL that GitLab sent the person's browser back to.",
  needs: "accounts:write",
  repeat: "never",
  body: s.callbackRequest,
  answer: s.callbackAnswer,
  async run({ gitlab, apiKey, body }) {
    const { connectedAccount, returnTo, data } = await gitlab.handleCallback(body.url, {
      expectedIdentifier: prefixOf(apiKey) + body.expected_identifier,
    });
    return {
      connected_account: accountShape(apiKey, connectedAccount),
      ...(returnTo !== undefined && { return_to: returnTo }),
      ...(data !== undefined && { data }),
    };
  },
});

const token = operation({
  id: "connect_with_token",
  method: "POST",
  path: "/v1/account/token",
  summary: "Connects a person's account with an access token that they have made at GitLab.",
  needs: "accounts:write",
  repeat: "freely",
  body: s.tokenRequest,
  answer: s.accountAnswer,
  async run({ gitlab, apiKey, account, body }) {
    const { connectedAccount } = await gitlab.connectWithToken({ ...account(body), token: body.token });
    return { connected_account: accountShape(apiKey, connectedAccount) };
  },
});

export const accountOperations = [create, list, get, disconnect, link, callback, token];
