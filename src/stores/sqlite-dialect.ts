import {
  CompiledQuery,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
} from "kysely";
import type { SqliteEngine } from "./sqlite-engine.js";
import type { SqliteQueue } from "./sqlite-queue.js";

const writes: ReadonlySet<string> = new Set(["InsertQueryNode", "UpdateQueryNode", "DeleteQueryNode"]);

function returnsRows({ query }: CompiledQuery): boolean {
  return (
    query.kind === "SelectQueryNode" || query.kind === "RawNode" || ("returning" in query && Boolean(query.returning))
  );
}

/**
 * Hands its one connection to everybody: each statement is carried out within one turn of the event loop, and what waits
 * for the database must not hold up what does not. There are no transactions over several statements here.
 */
class Connection implements DatabaseConnection {
  readonly #engine: SqliteEngine;
  readonly #queue: SqliteQueue | undefined;

  constructor(engine: SqliteEngine, queue: SqliteQueue | undefined) {
    this.#engine = engine;
    this.#queue = queue;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const work = (): QueryResult<Row> => this.#carryOut<Row>(query);
    if (!this.#queue) return work();
    return writes.has(query.query.kind) ? await this.#queue.write(work) : await this.#queue.read(work);
  }

  #carryOut<Row>(query: CompiledQuery): QueryResult<Row> {
    const { sql, parameters } = query;
    if (returnsRows(query)) return { rows: this.#engine.all(sql, parameters) as Row[] };
    return { rows: [], numAffectedRows: this.#engine.run(sql, parameters) };
  }

  streamQuery(): never {
    throw new TypeError("Rows are not streamed here.");
  }
}

/** SQLite for Kysely. Without a queue every statement is carried out at once. */
export function sqliteDialect(engine: SqliteEngine, queue?: SqliteQueue): Dialect {
  const connection = new Connection(engine, queue);
  const raw = (text: string) => async (): Promise<void> =>
    void (await connection.executeQuery(CompiledQuery.raw(text)));
  const driver: Driver = {
    init: () => Promise.resolve(),
    acquireConnection: () => Promise.resolve(connection),
    releaseConnection: () => Promise.resolve(),
    beginTransaction: raw("begin"),
    commitTransaction: raw("commit"),
    rollbackTransaction: raw("rollback"),
    destroy: () => Promise.resolve(),
  };
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => driver,
    createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}
