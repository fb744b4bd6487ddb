import { setTimeout as delay } from "node:timers/promises";
import { SqliteDialect, SqliteDriver, type CompiledQuery, type DatabaseConnection, type QueryResult } from "kysely";

/** How long a statement is tried again while another process holds the database. */
const patienceMs = 5_000;

export const isBusy = (error: unknown): boolean =>
  error instanceof Error && /busy|locked/i.test(`${"code" in error ? String(error.code) : ""} ${error.message}`);

/** Tries again while the database is locked, and lets the rest of the process go on meanwhile. */
export async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
  const until = performance.now() + patienceMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw error;
      await delay(10 + Math.random() * 40);
    }
  }
}

class PatientConnection implements DatabaseConnection {
  readonly #connection: DatabaseConnection;

  constructor(connection: DatabaseConnection) {
    this.#connection = connection;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return await patiently(async () => await this.#connection.executeQuery<R>(query));
  }

  streamQuery<R>(query: CompiledQuery, chunkSize?: number): AsyncIterableIterator<QueryResult<R>> {
    return this.#connection.streamQuery<R>(query, chunkSize);
  }
}

/**
 * Hands its one connection to everybody: each statement is carried out within one turn of the event loop, and what waits
 * for the database must not hold up what does not. There are no transactions over several statements here.
 */
class PatientDriver extends SqliteDriver {
  #connection: DatabaseConnection | undefined;

  override async init(): Promise<void> {
    await super.init();
    this.#connection = new PatientConnection(await super.acquireConnection());
  }

  override acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection ? Promise.resolve(this.#connection) : super.acquireConnection();
  }

  override releaseConnection(): Promise<void> {
    return Promise.resolve();
  }
}

/** SQLite for Kysely, waiting for locks outside of SQLite's own calls, which would stop the event loop. */
export class PatientSqliteDialect extends SqliteDialect {
  readonly #config: ConstructorParameters<typeof SqliteDialect>[0];

  constructor(config: ConstructorParameters<typeof SqliteDialect>[0]) {
    super(config);
    this.#config = config;
  }

  override createDriver(): PatientDriver {
    return new PatientDriver(this.#config);
  }
}
