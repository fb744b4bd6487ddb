import { Socket } from "node:net";
import type { PostgresPool, PostgresPoolClient } from "kysely";
import type pg from "pg";

const bigint = 20;
const mostConnections = 10;
/** How long closing waits for the server to say goodbye. */
const goodbyeMs = 2_000;

/** How long each may take, in milliseconds. */
export interface Timeouts {
  /** To connect, or to wait for a connection while all are in use. */
  readonly connectMs: number;
  /** The client's patience with one statement, and the server's, which ends sooner. */
  readonly queryMs: number;
}

export interface PoolOptions extends Timeouts {
  readonly url: string;
  readonly driver: typeof pg;
  /** Whether the server is told to end statements. A pooling proxy may refuse to pass that on. */
  readonly statementTimeout: boolean;
  /** Whether what only reads may be sent again when its connection turns out to be lost: not within a transaction. */
  readonly retriesReads: boolean;
}

/** The server said no to a statement, and goes on with the connection. Anything else has lost the connection. */
const isAnswer = (error: unknown): boolean =>
  error instanceof Error && "severity" in error && error.severity === "ERROR";

const isTimeout = (error: unknown): boolean => error instanceof Error && error.message === "Query read timeout";

/**
 * Connections that are given up when they fail. When one is lost, those that were made before it are not used again: a
 * server that went away has ended them as well, and their sockets may not know yet.
 */
export class Pool implements PostgresPool {
  readonly #pool: pg.Pool;
  readonly #sockets = new Set<Socket>();
  readonly #generations = new WeakMap<pg.ClientBase, number>();
  readonly #retriesReads: boolean;
  #generation = 0;

  constructor({ url, driver, connectMs, queryMs, statementTimeout, retriesReads }: PoolOptions) {
    this.#retriesReads = retriesReads;
    this.#pool = new driver.Pool({
      connectionString: url,
      max: mostConnections,
      connectionTimeoutMillis: connectMs,
      query_timeout: queryMs,
      ...(statementTimeout && { statement_timeout: Math.ceil(queryMs * 0.9) }),
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      application_name: "gitlab-agent-tools",
      allowExitOnIdle: true,
      types: {
        // Times and GitLab's ids fit in a double.
        getTypeParser: (oid: number, format?: "text" | "binary"): unknown =>
          oid === bigint && format !== "binary" ? Number : driver.types.getTypeParser(oid, format),
      },
      stream: () => {
        const socket = new Socket();
        this.#sockets.add(socket);
        socket.once("close", () => this.#sockets.delete(socket));
        return socket;
      },
    });
    // A connection that the server ends must not end the process; who uses it sees its query fail.
    this.#pool.on("error", () => undefined);
    this.#pool.on("connect", (client) => {
      client.on("error", () => undefined);
      this.#generations.set(client, this.#generation);
    });
  }

  async connect(): Promise<PostgresPoolClient> {
    let client: pg.PoolClient | undefined = await this.#take();
    const query = async (text: string, parameters: readonly unknown[]): Promise<unknown> => {
      client ??= await this.#take();
      try {
        return await client.query(text, [...parameters]);
      } catch (error) {
        if (isAnswer(error)) throw error;
        if (this.#generations.get(client) === this.#generation) this.#generation += 1;
        client.release(true);
        client = undefined;
        throw error;
      }
    };
    const queryOrRetry = async (text: string, parameters: readonly unknown[]): Promise<unknown> =>
      await query(text, parameters).catch((error: unknown) => {
        if (client || isTimeout(error) || !text.startsWith("select")) throw error;
        return query(text, parameters);
      });
    return {
      // Kysely only ever passes a text and its parameters, unless it streams.
      query: (this.#retriesReads ? queryOrRetry : query) as PostgresPoolClient["query"],
      release: () => client?.release(),
    };
  }

  async #take(): Promise<pg.PoolClient> {
    for (;;) {
      const client = await this.#pool.connect();
      if (this.#generations.get(client) === this.#generation) return client;
      client.release(true);
    }
  }

  async end(): Promise<void> {
    const cut = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, goodbyeMs);
    try {
      await this.#pool.end();
    } finally {
      clearTimeout(cut);
    }
  }
}
