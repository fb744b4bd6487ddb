import { randomBytes } from "node:crypto";
import { onTestFinished } from "vitest";
import { createAccounts, type Accounts } from "../../src/accounts/accounts.js";
import type { AccountsOptions } from "../../src/accounts/options.js";
import type { AccountKey, AccountStatusChange, ConnectedAccount } from "../../src/accounts/types.js";
import { OAuthServer } from "./oauth-server.js";

export const newKey = (): string => randomBytes(32).toString("base64");

export const ada: AccountKey = { connectionName: "gitlab", identifier: "user_ada" };

export interface AccountsSetup {
  readonly server: OAuthServer;
  readonly accounts: Accounts;
  readonly changes: AccountStatusChange[];
  /** How long this side has been asked to wait, in milliseconds. */
  readonly slept: number[];
  /** The clock of both sides. */
  readonly clock: { now: number };
  /** Connects through link and callback. */
  readonly connect: (key?: AccountKey, username?: string) => Promise<ConnectedAccount>;
}

/** A GitLab, accounts on it, and one clock for both. */
export async function setUpAccounts(
  options: Partial<AccountsOptions> = {},
  server: OAuthServer = new OAuthServer(),
): Promise<AccountsSetup> {
  await server.start();
  onTestFinished(async () => void (await server.stop()));
  const clock = { now: Date.parse("2026-01-01T00:00:00Z") };
  server.now = () => clock.now;
  const [changes, slept]: [AccountStatusChange[], number[]] = [[], []];
  const accounts = createAccounts({
    connections: { gitlab: server.connection },
    store: "memory:",
    now: () => clock.now,
    sleep: (ms) => Promise.resolve(void slept.push(ms)),
    onAccountStatusChange: (change) => void changes.push(change),
    ...options,
  });
  onTestFinished(() => accounts.close());
  return {
    server,
    accounts,
    changes,
    slept,
    clock,
    async connect(key = ada, username = "ada") {
      const { link } = await accounts.authorizationLink(key);
      const { connectedAccount } = await accounts.handleCallback(server.authorize(link, username));
      return connectedAccount;
    },
  };
}
