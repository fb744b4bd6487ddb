import type { ConnectedAccount, Connection } from "../accounts/types.js";
import type { GitLab } from "../gitlab-types.js";
import type { ConnectHandlerOptions } from "./options.js";
import type { ConnectInstance } from "./view.js";

/** What a person may connect, and what they have connected: of that they may always be rid. */
export async function instancesFor(
  gitlab: GitLab,
  allowed: ConnectHandlerOptions["connections"],
  identifier: string,
): Promise<ConnectInstance[]> {
  const [connections, { connectedAccounts }, names] = await Promise.all([
    gitlab.connections.list(),
    gitlab.actions.listConnectedAccounts({ identifier }),
    typeof allowed === "function" ? allowed(identifier) : undefined,
  ]);
  const accounts = new Map(connectedAccounts.map((account) => [account.connectionName, account]));
  const may = ({ name, source }: Connection): boolean =>
    allowed === "all" || (names ? names.includes(name) : source === "configuration");
  const shown = connections.filter(
    (connection) =>
      (may(connection) && connection.clientId !== undefined) || isConnected(accounts.get(connection.name)),
  );
  const labels = shown.map(({ baseUrl }) => labelOf(baseUrl));
  return shown.map((connection, index) => {
    const label = labels[index] ?? connection.baseUrl;
    const isAlone = labels.filter((other) => other === label).length === 1;
    return instance(
      connection,
      accounts.get(connection.name),
      isAlone ? label : `${label} (${connection.name})`,
      may(connection),
    );
  });
}

const isConnected = (account: ConnectedAccount | undefined): boolean =>
  account !== undefined && account.status !== "PENDING";

function labelOf(baseUrl: string): string {
  const { host, pathname } = new URL(baseUrl);
  return host + pathname.replace(/\/$/, "");
}

function instance(
  { name, baseUrl, clientId }: Connection,
  account: ConnectedAccount | undefined,
  label: string,
  may: boolean,
): ConnectInstance {
  const { status = "PENDING", gitlabUser, scopes = [], expiresAt } = account ?? {};
  return {
    connectionName: name,
    baseUrl,
    label,
    status,
    ...(gitlabUser && { gitlabUser }),
    scopes,
    ...(expiresAt !== undefined && { expiresAt }),
    connectable: may && clientId !== undefined,
  };
}
