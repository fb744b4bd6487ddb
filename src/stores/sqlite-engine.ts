import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type Libsql from "libsql";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";

/** A SQLite library. Its calls block, so each has to be short. */
export interface SqliteEngine {
  readonly name: "node:sqlite" | "libsql";
  exec(text: string): void;
  /** A statement that returns rows. */
  all(text: string, parameters: readonly unknown[]): unknown[];
  /** A statement that returns none; how many rows it changed. */
  run(text: string, parameters: readonly unknown[]): bigint;
  close(): void;
}

/** What of `node:sqlite` is used here: the types of the least Node that we run on do not know it. */
interface NodeStatement {
  all(...parameters: readonly unknown[]): unknown[];
  run(...parameters: readonly unknown[]): { changes: number | bigint };
}
interface NodeDatabase {
  exec(text: string): void;
  prepare(text: string): NodeStatement;
  close(): void;
}
interface NodeSqlite {
  readonly DatabaseSync: new (file: string) => NodeDatabase;
}

/** Node's own SQLite where the running Node has it (22.13 and newer), libsql otherwise. */
export async function openEngine(file: string): Promise<SqliteEngine> {
  const builtIn = nodeSqlite();
  return builtIn ? nodeEngine(new builtIn.DatabaseSync(file)) : libsqlEngine(new (await loadLibsql())(file));
}

function nodeSqlite(): NodeSqlite | undefined {
  const node: { getBuiltinModule?: (id: string) => unknown } = process;
  // Loading it warns on stderr that it is experimental, which users of a library can do nothing about.
  const warn = Object.getOwnPropertyDescriptor(process, "emitWarning");
  process.emitWarning = () => undefined;
  try {
    return node.getBuiltinModule?.("node:sqlite") as NodeSqlite | undefined;
  } finally {
    if (warn) Object.defineProperty(process, "emitWarning", warn);
  }
}

async function loadLibsql(): Promise<typeof Libsql> {
  try {
    return (await import("libsql")).default;
  } catch (cause) {
    throw new GitLabToolError({
      code: "connection_misconfigured",
      message: "This Node has no SQLite of its own, and the package libsql is not installed.",
      hint: 'Use Node 22.13 or newer, run "npm install libsql", or use another store.',
      cause,
    });
  }
}

/** Prepares each text once. A statement that failed is not used again. */
class Statements<Statement> {
  readonly #prepared = new Map<string, Statement>();
  readonly #prepare: (text: string) => Statement;

  constructor(prepare: (text: string) => Statement) {
    this.#prepare = prepare;
  }

  use<Result>(text: string, work: (statement: Statement) => Result): Result {
    const statement = this.#prepared.get(text) ?? this.#prepare(text);
    this.#prepared.delete(text);
    const result = work(statement);
    this.#prepared.set(text, statement);
    return result;
  }

  clear(): void {
    this.#prepared.clear();
  }
}

function nodeEngine(database: NodeDatabase): SqliteEngine {
  const statements = new Statements((text) => database.prepare(text));
  return {
    name: "node:sqlite",
    exec: (text) => database.exec(text),
    // Its rows have no prototype; those of the other databases are plain objects.
    all: (text, parameters) =>
      statements.use(text, (statement) => statement.all(...parameters).map((row) => Object.assign({}, row))),
    run: (text, parameters) => statements.use(text, (statement) => BigInt(statement.run(...parameters).changes)),
    close: () => database.close(),
  };
}

/** How many closed databases may wait for the garbage collector, with two or three descriptors each. */
const mostUncollected = 8;
let uncollected = 0;

/** libsql cannot finalize a statement: it stays, and the file with it, until the garbage collector finds it. */
function collectClosed(): void {
  uncollected += 1;
  if (uncollected < mostUncollected) return;
  uncollected = 0;
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

function libsqlEngine(database: Libsql.Database): SqliteEngine {
  const statements = new Statements((text) => database.prepare(text));
  return {
    name: "libsql",
    exec: (text) => void database.exec(text),
    all: (text, parameters) => statements.use(text, (statement) => statement.all([...parameters])),
    run: (text, parameters) => statements.use(text, (statement) => BigInt(statement.run([...parameters]).changes)),
    close() {
      statements.clear();
      database.close();
      collectClosed();
    },
  };
}
