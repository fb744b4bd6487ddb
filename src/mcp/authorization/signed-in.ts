import type { AccountKey } from "../../accounts/types.js";
import type { GitLab } from "../../gitlab-types.js";
import { partsOf } from "../../gitlab-parts.js";
import type { GrantRow } from "./grants.js";
import { sealedRows } from "../../web/sealed-rows.js";

/** What people have allowed their clients. */
export const grantKind = "mcp grant";

/** A client that a person has let in. */
export interface SignedInClient extends AccountKey {
  readonly clientId: string;
  readonly scopes: readonly string[];
}

/** Who has signed in to the MCP server of this store, and with what. */
export async function signedInClients(gitlab: GitLab): Promise<SignedInClient[]> {
  const parts = partsOf(gitlab);
  const rows = parts?.store.rows;
  if (!parts || !rows) return [];
  const found = await sealedRows<GrantRow>(parts, rows, grantKind).list();
  return found.map(({ account, clientId, scopes }) => ({ ...account, clientId, scopes }));
}
