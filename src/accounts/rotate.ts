import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type {
  AccountRecord,
  AccountStore,
  AuthorizationRecord,
  ExpiringRow,
  ExpiringRows,
} from "../stores/account-store.js";
import type { ConnectionDirectory } from "./connections.js";
import type { AccountsContext } from "./context.js";
import { moveKeyMark } from "./key-check.js";
import { resealAuthorization } from "./pending-authorization.js";
import { resealRow, sealedKinds } from "./sealed-rows.js";
import { openTokens, sealTokens } from "./tokens.js";
import type { AccountKey } from "./types.js";

/** How far a change of keys has come. */
export interface KeyRotationProgress {
  /** Secrets that have been looked at. */
  readonly checked: number;
  /** Secrets that were sealed with an earlier key, and are now sealed with the current one. */
  readonly resealed: number;
}

export interface KeyRotation extends KeyRotationProgress {
  /** Secrets that cannot be opened: damaged, or sealed with a key that is not configured. */
  readonly unreadable: number;
  /** Whether earlier keys are needed no longer: take them out of the configuration of every process then. */
  readonly complete: boolean;
}

export interface RotateOptions {
  /** Told after every page of the store that has something. */
  readonly onProgress?: ((progress: KeyRotationProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Seals what else there is of a person. */
export type ResealBeside = (account: AccountKey) => Promise<void>;

const pageSize = 200;
/** A row that somebody else keeps writing to is sealed anew by them. */
const mostTries = 5;

/**
 * Seals everything in the store with the current key. May be broken off and repeated, and run beside calls. The store's
 * mark moves when nothing is left that an earlier key is needed for.
 */
export async function rotateKeys(
  context: AccountsContext,
  connections: ConnectionDirectory,
  { onProgress, signal }: RotateOptions = {},
  beside?: ResealBeside,
): Promise<KeyRotation> {
  const { store, cipher } = context;
  checkStore(store);
  let [checked, resealed, unreadable, foreign] = [0, 0, 0, 0];

  async function visit(secret: string | null, reseal: () => Promise<boolean>): Promise<void> {
    if (secret === null) return;
    checked += 1;
    if (cipher.isCurrent(secret)) return;
    try {
      if (await reseal()) resealed += 1;
      else foreign += 1;
    } catch (error) {
      if (!(error instanceof GitLabToolError)) throw error;
      unreadable += 1;
      // What is damaged opens with no key; what another key has sealed still needs that one.
      if (error.code === "connection_misconfigured") foreign += 1;
    }
  }

  async function pages<Row>(read: (after: Row | undefined) => Promise<Row[]>, each: (row: Row) => Promise<void>) {
    for (let after: Row | undefined; ;) {
      signal?.throwIfAborted();
      const rows = await read(after);
      for (const row of rows) await each(row);
      if (rows.length > 0) onProgress?.({ checked, resealed });
      after = rows.at(-1);
      if (rows.length < pageSize) return;
    }
  }

  async function visitRows(rows: ExpiringRows): Promise<void> {
    for (const kind of sealedKinds)
      await pages<ExpiringRow>(
        (after) => rows.list(kind, { now: context.now(), limit: pageSize, ...(after && { after: after.id }) }),
        (row) => visit(row.value, () => resealRow(rows, cipher, row, context.now())),
      );
  }

  await pages<AccountRecord>(
    (after) => store.listAccounts({ ...(after && { after }), limit: pageSize }),
    async (row) => {
      await visit(row.secret, () => resealAccount(context, row));
      await beside?.({ connectionName: row.connectionName, identifier: row.identifier });
    },
  );
  for (const row of await store.listConnections()) await visit(row.secret, () => connections.reseal(row));
  await pages<AuthorizationRecord>(
    (after) => store.listAuthorizations({ ...(after && { after: after.stateHash }), limit: pageSize }),
    async (row) => {
      // A link that has been used, or has expired, opens nothing any more.
      if (row.usedAt !== null || row.expiresAt <= context.now()) return;
      await visit(row.secret, async () => {
        const connection = await connections.resolve(row.connectionName);
        await store.resealAuthorization(row.stateHash, resealAuthorization(cipher, row, connection));
        return true;
      });
    },
  );
  if (store.rows) await visitRows(store.rows);
  if (foreign === 0) await moveKeyMark(context);
  return { checked, resealed, unreadable, complete: foreign === 0 };
}

type Walkable = AccountStore & Required<Pick<AccountStore, "listAuthorizations" | "resealAuthorization">>;

/** @throws {GitLabToolError} `connection_misconfigured` for somebody's own store that was made before rotation */
function checkStore(store: AccountStore): asserts store is Walkable {
  if (store.listAuthorizations && store.resealAuthorization) return;
  throw new GitLabToolError({
    code: "connection_misconfigured",
    message: "This account store cannot be sealed anew: it lacks listAuthorizations or resealAuthorization.",
    hint: "Nothing was changed. Implement both methods of AccountStore, and keep the earlier key until then.",
  });
}

/** `false` when others kept changing the row. */
async function resealAccount({ store, cipher }: AccountsContext, row: AccountRecord): Promise<boolean> {
  let current: AccountRecord | undefined = row;
  for (let attempt = 1; attempt <= mostTries; attempt += 1) {
    if (!current || current.secret === null || cipher.isCurrent(current.secret)) return true;
    const secret = sealTokens(cipher, current, openTokens(cipher, current, current.secret));
    const { id, version, updatedAt } = current;
    if (await store.updateAccount(id, version, { secret, updatedAt })) return true;
    current = await store.getAccount(row);
  }
  return false;
}
