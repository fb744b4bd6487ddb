import type { KeyRotationProgress } from "../accounts/rotate.js";
import type { ConnectedAccount } from "../accounts/types.js";
import type { GitLab } from "../gitlab-types.js";
import { forTerminal } from "./advice.js";
import { openStore } from "./client.js";
import { agreeTo } from "./question.js";
import { printTable } from "./table.js";
import { CommandFailure, paint, print, printJson } from "./output.js";

export interface AccountCommandFlags {
  readonly connection?: string;
  readonly json?: boolean;
}

async function withStore<Result>(
  work: (gitlab: GitLab) => Promise<Result>,
  concerned: { identifier?: string; connection?: string } = {},
): Promise<Result> {
  let gitlab: GitLab | undefined;
  try {
    gitlab = await openStore();
    return await work(gitlab);
  } catch (error) {
    throw forTerminal(error, { ...concerned, token: false });
  } finally {
    await gitlab?.close();
  }
}

const colours = { ACTIVE: "green", PENDING: "yellow", EXPIRED: "red", REVOKED: "red" } as const;

const userOf = ({ gitlabUser }: ConnectedAccount): string => (gitlabUser ? `@${gitlabUser.username}` : "");

export async function listAccounts({ connection, json }: AccountCommandFlags): Promise<void> {
  const filter = { ...(connection && { connectionName: connection }) };
  const { connectedAccounts } = await withStore((gitlab) => gitlab.actions.listConnectedAccounts(filter));
  if (json) {
    printJson(connectedAccounts);
    return;
  }
  printTable(
    ["connection", "identifier", "status", "user", "instance"],
    connectedAccounts.map((account) => [
      account.connectionName,
      account.identifier,
      { text: account.status, paint: (text) => paint(colours[account.status], text) },
      userOf(account),
      account.baseUrl,
    ]),
  );
  print(paint("dim", connectedAccounts.length === 1 ? "1 account" : `${connectedAccounts.length} accounts`));
}

export async function showAccount(identifier: string, { connection, json }: AccountCommandFlags): Promise<void> {
  const { connectedAccount } = await withStore(
    (gitlab) => gitlab.actions.getConnectedAccount({ identifier, ...(connection && { connectionName: connection }) }),
    { identifier, connection },
  );
  if (json) printJson(connectedAccount);
  else printAccount(connectedAccount);
}

export function printAccount(account: ConnectedAccount): void {
  const { identifier, connectionName, status, baseUrl, scopes, expiresAt, createdAt } = account;
  print(`${paint("bold", identifier)} on ${connectionName} (${baseUrl})`);
  print(`  status   ${paint(colours[status], status)}`);
  if (account.gitlabUser) print(`  user     ${userOf(account)}`);
  if (scopes.length > 0) print(`  scopes   ${scopes.join(", ")}`);
  if (expiresAt) print(`  token    until ${expiresAt}`);
  print(`  created  ${createdAt}`);
}

const fates = {
  revoked: "its token is revoked at GitLab",
  kept: "its token was given by hand and stays valid at GitLab",
  none: "it had no token",
  failed: "its token may still be valid at GitLab",
} as const;

export async function disconnectAccount(
  identifier: string,
  { connection, json, yes }: AccountCommandFlags & { readonly yes?: boolean },
): Promise<void> {
  await agreeTo(`Disconnect ${identifier} from ${connection ?? "gitlab"}? Its token is revoked at GitLab.`, { yes });
  const { connectedAccount, revocation, warning } = await withStore(
    (gitlab) =>
      gitlab.actions.deleteConnectedAccount({ identifier, ...(connection && { connectionName: connection }) }),
    { identifier, connection },
  );
  if (json) {
    printJson({ connectedAccount, revocation, ...(warning && { warning }) });
    return;
  }
  print(`${identifier} on ${connectedAccount.connectionName} is disconnected: ${fates[revocation]}.`);
  if (warning) process.stderr.write(`${paint("yellow", "warning", process.stderr)}: ${warning}\n`);
}

/** All that there is of one person, as JSON: it is for people to keep, and for other programs. */
export async function exportPerson(identifier: string, { connection }: AccountCommandFlags): Promise<void> {
  const person = { identifier, ...(connection && { connectionName: connection }) };
  printJson(await withStore((gitlab) => gitlab.actions.exportPersonalData(person), { identifier }));
}

export async function deletePerson(
  identifier: string,
  { connection, json, yes }: AccountCommandFlags & { readonly yes?: boolean },
): Promise<void> {
  const where = connection === undefined ? "on every connection" : `on ${connection}`;
  await agreeTo(
    `Delete all that is stored of ${identifier} ${where}, the audit trail included? Tokens are revoked at GitLab.`,
    { yes },
  );
  const person = { identifier, ...(connection && { connectionName: connection }) };
  const deleted = await withStore((gitlab) => gitlab.actions.deletePersonalData(person), { identifier });
  if (json) return printJson(deleted);
  for (const { connectedAccount, revocation } of deleted.connectedAccounts)
    print(`${identifier} on ${connectedAccount.connectionName}: ${fates[revocation]}.`);
  const { connectedAccounts, authorizationLinks, sessions, clients, auditEntries, accountEvents } = deleted;
  printTable(
    ["deleted", "count"],
    Object.entries({
      accounts: connectedAccounts.length,
      links: authorizationLinks,
      "connections with sessions": sessions,
      "allowed clients": clients,
      "audit entries": auditEntries,
      events: accountEvents,
    }).map(([what, count]) => [what, String(count)]),
  );
  for (const { warning } of connectedAccounts)
    if (warning) process.stderr.write(`${paint("yellow", "warning", process.stderr)}: ${warning}\n`);
}

export async function rotateKeys({ json }: AccountCommandFlags): Promise<void> {
  const onProgress = ({ checked, resealed }: KeyRotationProgress): void =>
    void process.stderr.write(`${checked} checked, ${resealed} sealed anew\n`);
  const rotation = await withStore((gitlab) => gitlab.rotateEncryptionKey(json ? {} : { onProgress }));
  if (json) printJson(rotation);
  else {
    print(
      rotation.complete
        ? "Everything is sealed with the current key: take the earlier ones out of GITLAB_AGENT_TOOLS_KEY everywhere."
        : "Some secrets still need an earlier key: keep it in GITLAB_AGENT_TOOLS_KEY, and rotate again.",
    );
    if (rotation.unreadable > 0)
      print(`${rotation.unreadable} could not be opened: those people have to authorize again.`);
  }
  if (!rotation.complete) throw new CommandFailure("rotation_incomplete", "an earlier key is still needed");
}

export interface AuditFlags extends AccountCommandFlags {
  readonly identifier?: string;
  readonly tool?: string;
  readonly since?: string;
  readonly limit: number;
}

/** Who called which tool, newest first. */
export async function auditCalls({ connection, identifier, tool, since, limit, json }: AuditFlags): Promise<void> {
  const filter = {
    ...(connection && { connectionName: connection }),
    ...(identifier && { identifier }),
    ...(tool && { toolName: tool }),
    ...(since && { since }),
    limit,
  };
  const { auditEntries } = await withStore((gitlab) => gitlab.actions.listAuditEntries(filter));
  if (json) return printJson(auditEntries);
  printTable(
    ["when", "who", "tool", "where", "outcome", "ms", "request"],
    auditEntries.map(
      ({ at, connectionName, identifier: who, toolName, project, group, outcome, durationMs, requestId }) => [
        at,
        `${who} (${connectionName})`,
        toolName,
        project ?? group ?? "",
        { text: outcome, paint: (text) => paint(outcome === "ok" ? "green" : "red", text) },
        String(durationMs),
        requestId ?? "",
      ],
    ),
  );
  print(paint("dim", auditEntries.length === 1 ? "1 call" : `${auditEntries.length} calls`));
}
