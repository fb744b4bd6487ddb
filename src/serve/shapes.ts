import type { ConnectedAccount } from "../accounts/types.js";
import type { PageInfo } from "../views/page-info.js";
import { shownIdentifier } from "./bounds.js";
import type { ApiKey } from "./api-keys.js";

/** An account as its product may see it. */
export function accountShape(apiKey: ApiKey, account: ConnectedAccount) {
  const { id, connectionName, identifier, status, scopes, baseUrl, gitlabUser, expiresAt, createdAt, updatedAt } =
    account;
  return {
    id,
    connection_name: connectionName,
    identifier: shownIdentifier(apiKey, identifier),
    status,
    scopes: [...scopes],
    base_url: baseUrl,
    ...(gitlabUser && { gitlab_user: { ...gitlabUser } }),
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
    created_at: createdAt,
    updated_at: updatedAt,
  };
}

export function pageShape({ page, perPage, nextPage, total, totalPages, nextCursor, hasMore }: PageInfo) {
  return {
    ...(page !== undefined && { page }),
    ...(perPage !== undefined && { per_page: perPage }),
    ...(nextPage !== undefined && { next_page: nextPage }),
    ...(total !== undefined && { total }),
    ...(totalPages !== undefined && { total_pages: totalPages }),
    ...(nextCursor !== undefined && { next_cursor: nextCursor }),
    has_more: hasMore,
  };
}
