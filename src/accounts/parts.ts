import type { ConnectionDirectory } from "./connections.js";
import type { AccountsContext } from "./context.js";
import type { AccountRegistry } from "./registry.js";
import type { AccountKey } from "./types.js";

/** What the steps of connecting and deleting an account work with. */
export interface AccountParts {
  readonly context: AccountsContext;
  readonly connections: ConnectionDirectory;
  readonly registry: AccountRegistry;
  readonly allowedReturnOrigins: readonly string[];
  /** Where the application is reached from outside. */
  readonly publicUrl: string | undefined;
  readonly leastScopes: ((tools: readonly string[]) => Promise<readonly string[]>) | undefined;
  /** Forgets what is held of an account in memory. */
  readonly forget: (key: AccountKey) => void;
}
