import type { Accounts } from "./accounts/accounts.js";
import { createCipher } from "./accounts/encryption.js";
import { openedRows } from "./accounts/sealed-rows.js";
import { accountEventKind, type KeptAccountEvent } from "./accounts/events.js";
import type { AccountKey, ConnectedAccount } from "./accounts/types.js";
import { isObject } from "./is-object.js";
import type { DeletedPersonalData, PersonalData, PersonRef } from "./gitlab-person.js";
import type { Sessions } from "./sessions/sessions.js";
import type { AccountStore, ExpiringRow } from "./stores/account-store.js";
import { pagesOf } from "./stores/expiring-rows.js";
import { forgetMemory } from "./tools/agent-memory.js";
import { auditKind, entryOf } from "./tools/audit-trail.js";
import type { AuditEntry } from "./tools/audit.js";

interface PersonalDataParts {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly store: AccountStore;
  readonly keys: readonly string[];
  readonly now: () => number;
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** Kinds of rows that say what a person has allowed whom. */
const allowedKinds = ["mcp grant", "mcp code"] as const;

interface AllowedRow {
  readonly row: ExpiringRow;
  readonly connectionName: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
}

const isTheirs = ({ identifier, connectionName }: PersonRef, key: AccountKey): boolean =>
  key.identifier === identifier && (connectionName === undefined || key.connectionName === connectionName);

async function* allowedBy({ store, keys, now }: PersonalDataParts, person: PersonRef): AsyncGenerator<AllowedRow> {
  const { rows } = store;
  if (!rows) return;
  const cipher = createCipher(keys);
  for (const kind of allowedKinds)
    for await (const { row, value } of openedRows(rows, cipher, kind, now)) {
      const { account, clientId, scopes } = value as { account?: AccountKey; clientId?: string; scopes?: string[] };
      if (isObject(account) && isTheirs(person, account))
        yield { row, connectionName: account.connectionName, clientId: clientId ?? "", scopes: scopes ?? [] };
    }
}

async function* auditOf(
  { store, now }: PersonalDataParts,
  person: PersonRef,
): AsyncGenerator<{ row: ExpiringRow; entry: AuditEntry }> {
  if (!store.rows) return;
  for await (const row of pagesOf(store.rows, auditKind, now, { about: person.identifier })) {
    const entry = entryOf(row.value);
    if (entry && isTheirs(person, entry)) yield { row, entry };
  }
}

async function* eventsOf(
  { store, now }: PersonalDataParts,
  person: PersonRef,
): AsyncGenerator<{ row: ExpiringRow; event: KeptAccountEvent }> {
  if (!store.rows) return;
  for await (const row of pagesOf(store.rows, accountEventKind, now, { about: person.identifier })) {
    const event = JSON.parse(row.value) as KeptAccountEvent;
    if (isTheirs(person, event.account)) yield { row, event };
  }
}

const linkPage = 500;

async function linksOf({ store }: PersonalDataParts, person: PersonRef) {
  const found = [];
  for (let after: string | undefined; ;) {
    const page = (await store.listAuthorizations?.({ ...(after !== undefined && { after }), limit: linkPage })) ?? [];
    found.push(...page.filter((link) => isTheirs(person, link)));
    after = page.at(-1)?.stateHash;
    if (page.length < linkPage) return found;
  }
}

/** Accounts that the person has or, where one was deleted, may have had. */
async function keysOf(
  { accounts }: PersonalDataParts,
  person: PersonRef,
): Promise<{ known: ConnectedAccount[]; keys: AccountKey[] }> {
  const known = await accounts.list(person);
  const connections = person.connectionName === undefined ? await accounts.connections.list() : [];
  const names = [...known.map(({ connectionName }) => connectionName), ...connections.map(({ name }) => name)];
  if (person.connectionName !== undefined) names.push(person.connectionName);
  const { identifier } = person;
  return { known, keys: [...new Set(names)].map((connectionName) => ({ connectionName, identifier })) };
}

export async function exportPersonalData(parts: PersonalDataParts, person: PersonRef): Promise<PersonalData> {
  await parts.accounts.ready();
  const { known, keys } = await keysOf(parts, person);
  const sessions = [];
  for (const key of keys) {
    const revoked = await parts.sessions.revoked(key);
    if (revoked)
      sessions.push({
        connectionName: key.connectionName,
        revoked: Object.entries(revoked).map(([sessionId, end]) => ({ sessionId, rememberedUntil: iso(end) })),
      });
  }
  const clients = [];
  for await (const { row, connectionName, clientId, scopes } of allowedBy(parts, person))
    if (row.kind === "mcp grant") clients.push({ connectionName, clientId, scopes, expiresAt: iso(row.expiresAt) });
  const auditEntries = [];
  for await (const { entry } of auditOf(parts, person)) auditEntries.push(entry);
  const accountEvents = [];
  for await (const { event } of eventsOf(parts, person))
    accountEvents.push({ connectionName: event.account.connectionName, type: event.type, at: event.at });
  const links = await linksOf(parts, person);
  return {
    identifier: person.identifier,
    exportedAt: iso(parts.now()),
    connectedAccounts: known,
    authorizationLinks: links.map(({ connectionName, scopes, returnTo, expiresAt, usedAt }) => ({
      connectionName,
      scopes,
      ...(returnTo !== null && { returnTo }),
      expiresAt: iso(expiresAt),
      ...(usedAt !== null && { usedAt: iso(usedAt) }),
    })),
    sessions,
    clients,
    auditEntries,
    accountEvents,
  };
}

/** Who could still act for the person goes first, what only tells of them last. May be repeated. */
export async function deletePersonalData(parts: PersonalDataParts, person: PersonRef): Promise<DeletedPersonalData> {
  const { accounts, store, now } = parts;
  await accounts.ready();
  const { known, keys } = await keysOf(parts, person);
  const links = await linksOf(parts, person);
  const connectedAccounts = [];
  for (const { connectionName, identifier } of known) {
    const deleted = await accounts.delete({ connectionName, identifier });
    if (deleted) connectedAccounts.push(deleted);
  }
  let [sessions, clients, auditEntries, accountEvents] = [0, 0, 0, 0];
  for (const key of keys) {
    if (await parts.sessions.forget(key)) sessions += 1;
    if (store.rows) await forgetMemory(store.rows, key, now);
  }
  for await (const { row } of allowedBy(parts, person))
    if (await store.rows?.take(row.kind, row.id, now())) clients += 1;
  for await (const { row } of auditOf(parts, person))
    if (await store.rows?.take(row.kind, row.id, now())) auditEntries += 1;
  for await (const { row } of eventsOf(parts, person))
    if (await store.rows?.take(row.kind, row.id, now())) accountEvents += 1;
  return {
    identifier: person.identifier,
    connectedAccounts,
    authorizationLinks: links.length,
    sessions,
    clients,
    auditEntries,
    accountEvents,
  };
}
