import type { SqliteDatabase, SqliteStatement } from "kysely";
import type Database from "libsql";

/** How long SQLite itself waits for the write lock: it stops the event loop meanwhile. Who wants to wait longer asks again. */
const writeWaitMs = 20;
/** Readers wait for a process that recovers the journal, or closes it as the last one, and for nobody else. */
export const readWaitMs = 1_000;

const writes = /^\s*(?:insert|update|delete|with)\b/i;

/**
 * The database as Kysely wants it, with every write in a transaction of its own that takes the write lock first.
 *
 * The driver does not reset a prepared statement that finds the database locked. SQLite counts it as running, and until
 * it is collected nothing that this connection writes is committed. `exec` cleans up behind itself, so the lock is only
 * ever waited for there.
 */
export function withSafeWrites(database: Database.Database): SqliteDatabase {
  function begin(): void {
    database.exec(`pragma busy_timeout = ${writeWaitMs}`);
    try {
      database.exec("begin immediate");
    } finally {
      database.exec(`pragma busy_timeout = ${readWaitMs}`);
    }
  }

  function alone<Result>(work: () => Result): Result {
    if (database.inTransaction) return work();
    begin();
    try {
      const result = work();
      database.exec("commit");
      return result;
    } catch (error) {
      database.exec("rollback");
      throw error;
    }
  }

  return {
    close: () => void database.close(),
    prepare(text): SqliteStatement {
      const statement = database.prepare(text);
      const carry = writes.test(text) ? alone : <Result>(work: () => Result): Result => work();
      return {
        reader: statement.reader,
        all: (parameters) => carry(() => statement.all(parameters)),
        run: (parameters) => carry(() => statement.run(parameters)),
        iterate: (parameters) => statement.iterate(parameters),
      };
    },
  };
}
