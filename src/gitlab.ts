import { isObject } from "./is-object.js";
import { accountNotFound } from "./accounts/account-errors.js";
import { createAccounts } from "./accounts/accounts.js";
import { temporaryKey, usableKeys } from "./accounts/encryption.js";
import { checkName } from "./accounts/keys.js";
import { GitLabToolError } from "./errors/gitlab-tool-error.js";
import { boundAccount, perform, under, type Calls } from "./gitlab-account.js";
import { keyText } from "./stores/key-text.js";
import {
  checkBinding,
  checkConnection,
  checked,
  checkedPerson,
  checkGitLabOptions,
  checkMethodOptions,
  checkSession,
  defaultConnection,
  keyOf,
} from "./gitlab-options.js";
import { keepParts } from "./gitlab-parts.js";
import type { ExecuteTool, ExecuteToolSpread, GitLab, GitLabOptions, SpreadResult, ToolCall } from "./gitlab-types.js";
import { refuseUndefined } from "./options/words.js";
import { createSessions, type MintedSession } from "./sessions/sessions.js";
import { openStore } from "./stores/open-store.js";
import type { ToolResult } from "./tools/account.js";
import type { AuditTrail } from "./tools/audit-trail.js";
import { renamed } from "./tools/called.js";
import { ownTools } from "./tools/own-tools.js";
import { leastScopes } from "./tools/scopes.js";

/**
 * Creates the client. The configuration is checked at once; nothing is opened or sent before the first call.
 *
 * @throws {GitLabToolError} `connection_misconfigured` or `invalid_input` for a configuration that cannot work
 * @example
 * ```ts
 * const gitlab = createGitLab({ store: "memory:", connections: { gitlab: {} } });
 * await gitlab.connectWithToken({ identifier: "me", token: process.env.GITLAB_TOKEN ?? "" });
 * const { data } = await gitlab.executeTool({
 *   identifier: "me",
 *   toolName: "gitlab_issues_list",
 *   toolInput: { project_id: "group/project", state: "opened" },
 * });
 * ```
 */
export function createGitLab(options: GitLabOptions = {}): GitLab {
  checkGitLabOptions(options);
  const { store, encryptionKey } = storage(options);
  const accounts = createAccounts({ ...options, store, encryptionKey, leastScopes });
  const keys = usableKeys(encryptionKey);
  const sessions = createSessions({ store, keys, now: options.now ?? Date.now, ready: () => accounts.ready() });
  const own = ownTools(options.tools);
  const ownDefinitions = [...own.values()];
  if (typeof options.audit === "object" && !store.rows) throw noRows("audit");
  // A copy: what is changed in the caller's object later does not change what was checked.
  const settings = { ...options };
  const now = options.now ?? Date.now;
  let loading: Promise<Calls> | undefined;
  let audit: AuditTrail | undefined;
  const calls = (): Promise<Calls> =>
    (loading ??= import("./gitlab-calls.js").then((module) => {
      const kept = { rows: store.rows, cleanup: accounts.cleanup, ready: () => accounts.ready(), now };
      audit = module.openAudit(settings.audit, kept);
      const memory = module.openMemory(kept);
      const runtime = module.createRuntime(accounts, settings, memory, ownDefinitions);
      return { ...module, runtime: audit ? { ...runtime, audit: audit.record } : runtime };
    }));

  const byName = async (call: ToolCall): Promise<ToolResult<unknown>> => {
    refuseUndefined(call, "The call");
    const key = keyOf(call);
    const { connectionName: _, identifier: __, toolName, toolInput, ...callOptions } = call;
    const loaded = await calls();
    const { checkSaving, withUploadPlace, lookUp, runtime } = loaded;
    const definition = own.get(toolName) ?? (await lookUp(toolName));
    const policies = [...runtime.policies, ...(callOptions.policy ? [callOptions.policy] : [])];
    checkSaving(definition, toolInput, policies);
    const limited = withUploadPlace(definition, callOptions, policies);
    const caller = { key, account: keyText(key) };
    const result = await perform(loaded, caller, definition, toolInput, limited);
    if (definition.name === toolName) return result;
    return { ...result, warnings: [renamed(toolName, definition), ...(result.warnings ?? [])] };
  };

  const personalData = () => import("./gitlab-personal-data.js");
  const personalDataParts = { accounts, sessions, store, keys, now };

  const mint = async (params: Parameters<GitLab["createSession"]>[0], mintedBy?: string): Promise<MintedSession> => {
    await checkSession(params, ownDefinitions);
    const key = keyOf(params);
    await accounts.connection(key.connectionName);
    return await sessions.create({ ...params, ...key }, mintedBy);
  };

  const gitlab: GitLab = {
    tools: options.tools ?? [],
    connections: {
      ...accounts.connections,
      async set(name, config) {
        checkConnection(name, config);
        return await accounts.connections.set(name, config);
      },
    },
    as(identifier, options = {}) {
      checkBinding(options, ownDefinitions);
      const { connectionName, policy } = options;
      const key = keyOf({ identifier, ...(connectionName && { connectionName }) });
      if (!policy) return boundAccount(key, calls);
      return boundAccount(key, async () => under(await calls(), [...(await calls()).runtime.policies, policy]));
    },
    executeTool: byName as ExecuteTool,
    handleCallback: async (callback, params = {}) => {
      checkMethodOptions("handleCallback", params);
      return await accounts.handleCallback(callback, params);
    },
    connectWithToken: async (params) => {
      const key = checked("connectWithToken", params);
      return { connectedAccount: await accounts.connectWithToken({ ...key, token: params.token }) };
    },
    startDeviceFlow: async (params) =>
      await accounts.startDeviceFlow({ ...params, ...checked("startDeviceFlow", params) }),
    authorizeInBrowser: async (params) => {
      const key = checked("authorizeInBrowser", params);
      return { connectedAccount: await accounts.authorizeInBrowser({ ...params, ...key }) };
    },
    createSession: async (params) => await mint(params),
    verifySession: async (token, params = {}) => {
      checkMethodOptions("verifySession", params);
      return await sessions.verify(token, params);
    },
    revokeSession: async (session) => {
      const key = checked("revokeSession", session);
      await sessions.revoke({ ...key, sessionId: session.sessionId });
    },
    revokeSessions: async (account) => await sessions.revokeAll(checked("revokeSessions", account)),
    startRefresher: (params = {}) => {
      checkMethodOptions("startRefresher", params);
      return accounts.startRefresher(params);
    },
    rotateEncryptionKey: async (params = {}) => {
      checkMethodOptions("rotateEncryptionKey", params);
      return await accounts.rotateKeys(params, (account) => sessions.reseal(account));
    },
    async close() {
      await audit?.flushed();
      await accounts.close();
    },
    actions: {
      getOrCreateConnectedAccount: async (account) => ({
        connectedAccount: await accounts.getOrCreate(checked("getOrCreateConnectedAccount", account)),
      }),
      getConnectedAccount: async (account) => {
        const key = checked("getConnectedAccount", account);
        const connectedAccount = await accounts.get(key);
        if (!connectedAccount) throw accountNotFound(key);
        return { connectedAccount };
      },
      getAbilities: async (account) => {
        const key = checked("getConnectedAccount", account);
        const known = await accounts.get(key);
        if (!known) throw accountNotFound(key);
        const { abilitiesOf, runtime } = await calls();
        // What a policy keeps agents from is not this question.
        const unbound = boundAccount(key, async () => under(await calls(), []));
        return await abilitiesOf(runtime, known, (within) =>
          unbound.request({ method: "GET", path: "/metadata" }, within),
        );
      },
      listConnectedAccounts: async (filter = {}) => {
        checkMethodOptions("listConnectedAccounts", filter);
        return { connectedAccounts: await accounts.list(filter) };
      },
      listAuditEntries: async (filter = {}) => {
        checkMethodOptions("listAuditEntries", filter);
        const { rows } = store;
        if (!rows) throw noRows("listAuditEntries");
        await accounts.ready();
        return { auditEntries: await (await calls()).readAudit({ rows, now }, filter) };
      },
      exportPersonalData: async (person) => {
        const about = checkedPerson("exportPersonalData", person);
        await audit?.flushed();
        return await (await personalData()).exportPersonalData(personalDataParts, about);
      },
      deletePersonalData: async (person) => {
        const about = checkedPerson("deletePersonalData", person);
        await audit?.flushed();
        return await (await personalData()).deletePersonalData(personalDataParts, about);
      },
      deleteConnectedAccount: async (account) => {
        const key = checked("deleteConnectedAccount", account);
        const deleted = await accounts.delete(key);
        if (!deleted) throw accountNotFound(key);
        return deleted;
      },
      getAuthorizationLink: async (link) =>
        await accounts.authorizationLink({ ...link, ...checked("getAuthorizationLink", link) }),
      getSignInLink: async (link = {}) => {
        checkMethodOptions("getSignInLink", link);
        const { connectionName = defaultConnection } = link;
        checkName(connectionName, "connectionName");
        return await accounts.signInLink({ ...link, connectionName });
      },
      executeTool: (async (call: ToolCall) => spread(await byName(call))) as ExecuteToolSpread,
    },
  };
  keepParts(gitlab, {
    store,
    cleanup: accounts.cleanup,
    keys,
    now: options.now ?? Date.now,
    ready: () => accounts.ready(),
    mintSession: mint,
    allowedReturnOrigins: options.allowedReturnOrigins ?? [],
    ...(options.publicUrl !== undefined && { publicUrl: options.publicUrl }),
    ...(options.policy && { policy: options.policy }),
  });
  return gitlab;
}

/** The store itself and the key that its secrets are sealed with; secrets in memory need no key of the caller's. */
function storage({ store = "sqlite:./accounts.db", encryptionKey }: GitLabOptions) {
  return {
    store: typeof store === "string" ? openStore(store) : store,
    encryptionKey: encryptionKey ?? (store === "memory:" ? temporaryKey() : undefined),
  };
}

const noRows = (what: string): GitLabToolError =>
  new GitLabToolError({
    code: "invalid_input",
    message: `${what} needs a store that keeps rows (AccountStore.rows).`,
    hint: "Add rows to the store, or pass a function as audit.",
  });

function spread(result: ToolResult<unknown>): SpreadResult<unknown> {
  const { data } = result;
  const own = isObject(data) ? data : {};
  return { ...own, ...result };
}
