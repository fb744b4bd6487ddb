import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { AccountStore } from "./account-store.js";
import { MemoryStore } from "./memory-store.js";
import { SqlStore } from "./sql-store.js";

/**
 * The store that a URL names. Nothing is opened yet, and a database driver is loaded only when its store is.
 *
 * @throws {GitLabToolError} `connection_misconfigured` for a URL that names none
 */
export function openStore(url: string): AccountStore {
  if (url === "memory:") return new MemoryStore();
  // sqlite:./a.db, sqlite:/a.db and sqlite:///a.db
  const path = /^sqlite:(?:\/\/(?=\/))?(.+)$/.exec(url)?.[1];
  if (path !== undefined) {
    return new SqlStore(async () => (await import("./sqlite.js")).openSqlite(path));
  }
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url)) {
    return new SqlStore(async () => (await import("./postgres.js")).openPostgres(url));
  }
  throw new GitLabToolError({
    code: "connection_misconfigured",
    message: "The store's URL is of no known kind.",
    hint: 'Use "sqlite:./accounts.db", "postgres://user:password@host/database", "memory:", or an AccountStore of your own.',
  });
}
