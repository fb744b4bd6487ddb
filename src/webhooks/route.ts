import type { ConnectedAccount } from "../accounts/types.js";
import type { ConcernedPerson, WebhookReason } from "./people.js";

/** The part of the client that routing needs. */
export interface AccountDirectory {
  readonly actions: {
    listConnectedAccounts(filter?: {
      readonly connectionName?: string;
    }): Promise<{ readonly connectedAccounts: readonly ConnectedAccount[] }>;
  };
}

/** A connected account whose GitLab user a delivery concerns. */
export interface ConcernedAccount {
  readonly connectionName: string;
  /** To act as: `gitlab.as(identifier, { connectionName })`. */
  readonly identifier: string;
  readonly username: string;
  readonly reasons: readonly WebhookReason[];
  readonly account: ConnectedAccount;
}

/** The ACTIVE accounts of the people whom a delivery concerns: by GitLab's id where it is known, else by name. */
export async function accountsOf(
  directory: AccountDirectory,
  connectionName: string,
  people: readonly ConcernedPerson[],
): Promise<ConcernedAccount[]> {
  if (people.length === 0) return [];
  const { connectedAccounts } = await directory.actions.listConnectedAccounts({ connectionName });
  return connectedAccounts.flatMap((account) => {
    const { gitlabUser, status, identifier } = account;
    if (status !== "ACTIVE" || gitlabUser === undefined) return [];
    const person = people.find(({ id, username }) =>
      id === undefined ? username.toLowerCase() === gitlabUser.username.toLowerCase() : id === gitlabUser.id,
    );
    if (person === undefined) return [];
    return [{ connectionName, identifier, username: gitlabUser.username, reasons: person.reasons, account }];
  });
}
