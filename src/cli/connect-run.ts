import type { ConnectedAccount, ConnectionConfig } from "../accounts/types.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { GitLab } from "../gitlab-types.js";
import { printAccount } from "./accounts-run.js";
import { forTerminal } from "./advice.js";
import { openStore } from "./client.js";
import { readEnvironment } from "./environment.js";
import { paint, printJson, reporter, UsageError } from "./output.js";

export interface ConnectFlags {
  readonly identifier: string;
  readonly connection: string;
  readonly url?: string;
  readonly clientId?: string;
  readonly scopes?: readonly string[];
  readonly with: "device" | "browser" | "token";
  readonly redirectUri?: string;
  readonly json?: boolean;
}

export async function connect(flags: ConnectFlags): Promise<void> {
  const connection = connectionOf(flags);
  const gitlab = await openStore(connection ? { assumeDefault: false } : {});
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.once("SIGINT", interrupt);
  try {
    if (connection) await keepConnection(gitlab, flags.connection, connection);
    if (flags.with !== "token") await checkApplication(gitlab, flags);
    const connected = await authorize(gitlab, flags, stop.signal);
    if (flags.json) printJson(connected);
    else printAccount(connected);
  } catch (error) {
    throw forTerminal(error, { ...flags, token: flags.with === "token" });
  } finally {
    process.removeListener("SIGINT", interrupt);
    await gitlab.close();
  }
}

type ConnectionFlags = Pick<ConnectionConfig, "baseUrl" | "clientId" | "redirectUri">;

function connectionOf({ url, clientId, redirectUri }: ConnectFlags): ConnectionFlags | undefined {
  if (url === undefined && clientId === undefined && redirectUri === undefined) return undefined;
  return { ...(url && { baseUrl: url }), ...(clientId && { clientId }), ...(redirectUri && { redirectUri }) };
}

/** Keeps what the flags say about the connection in the store, for this and every later command. */
async function keepConnection(gitlab: GitLab, name: string, flags: ConnectionFlags): Promise<void> {
  const known = await gitlab.connections.get(name);
  if (known?.source === "configuration")
    throw new UsageError(
      `The environment defines connection "${name}" (GITLAB_URL, GITLAB_CLIENT_ID): use one of both.`,
    );
  if (known?.hasClientSecret)
    throw new UsageError(`Connection "${name}" belongs to an application with a secret: use another --connection.`);
  const { baseUrl, clientId, redirectUri, scopes } = known ?? {};
  await gitlab.connections.set(name, {
    ...(baseUrl && { baseUrl }),
    ...(clientId && { clientId }),
    ...(redirectUri && { redirectUri }),
    ...(scopes && { scopes }),
    ...flags,
  });
}

/** Says before anything is asked of GitLab, and in this command's words, what the connection lacks. */
async function checkApplication(gitlab: GitLab, flags: ConnectFlags): Promise<void> {
  const connection = await gitlab.connections.get(flags.connection);
  if (!connection) return;
  const { name, clientId, redirectUri } = connection;
  // Flags cannot add to what the environment defines.
  const byEnvironment = connection.source === "configuration";
  const lacks = (what: string, hint: string): GitLabToolError =>
    new GitLabToolError({
      code: "connection_misconfigured",
      message: `Connection "${name}" has no ${what}.`,
      hint,
      details: { connectionName: name },
    });
  if (clientId === undefined) {
    throw lacks(
      "OAuth application",
      `Register one on ${new URL(connection.baseUrl).host} and give its id ${byEnvironment ? "in GITLAB_CLIENT_ID" : "with --client-id (or GITLAB_CLIENT_ID)"}, or connect the access token in GITLAB_TOKEN with --with token.`,
    );
  }
  if (flags.with === "browser" && redirectUri === undefined) {
    throw lacks(
      "redirect URI on this machine",
      `${byEnvironment ? "Unset GITLAB_URL and GITLAB_CLIENT_ID, register" : "Register"} http://127.0.0.1:8765/callback with the application and give it with --redirect-uri, --url and --client-id, or connect by a code, with --with device.`,
    );
  }
}

async function authorize(gitlab: GitLab, flags: ConnectFlags, signal: AbortSignal): Promise<ConnectedAccount> {
  const account = { connectionName: flags.connection, identifier: flags.identifier };
  const report = reporter(flags);
  const authorization = { ...account, ...(flags.scopes && { scopes: flags.scopes }) };
  if (flags.with === "token") {
    const { token } = readEnvironment();
    if (token === undefined) throw new UsageError("Set GITLAB_TOKEN to the access token.");
    return (await gitlab.connectWithToken({ ...account, token })).connectedAccount;
  }
  if (flags.with === "browser") {
    const open = (link: string): void => report(`Open ${link}`, { open: link });
    return (await gitlab.authorizeInBrowser({ ...authorization, open, signal })).connectedAccount;
  }
  const device = await gitlab.startDeviceFlow(authorization);
  const { verificationUri, userCode, expiresAt } = device;
  report(
    `Open ${paint("bold", verificationUri, process.stderr)} and enter the code ${paint("bold", userCode, process.stderr)}.`,
    { open: verificationUri, userCode, expiresAt },
  );
  return await device.wait({ signal });
}
