import { isDeepStrictEqual } from "node:util";
import type { Compilable, CompiledQuery, Kysely, QueryResult } from "kysely";
import type { Tables } from "./tables.js";

/** Queries of the hot paths: compiled once, and run with other parameters. Compiling one takes longer than running it. */
export class CompiledQueries {
  readonly #db: Kysely<Tables>;
  readonly #known = new Map<string, CompiledQuery>();

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /**
   * @param name of the query: two with one name differ by nothing but their parameters
   * @param parameters in the order in which the query has them
   */
  async run<Row>(
    name: string,
    parameters: readonly unknown[],
    build: () => Compilable<Row>,
  ): Promise<QueryResult<Row>> {
    const query = (this.#known.get(name) as CompiledQuery<Row> | undefined) ?? this.#compile(name, parameters, build);
    return await this.#db.executeQuery({ ...query, parameters });
  }

  #compile<Row>(name: string, parameters: readonly unknown[], build: () => Compilable<Row>): CompiledQuery<Row> {
    const query = build().compile();
    // Seen when the query is first run, in whichever test that is.
    if (!isDeepStrictEqual(query.parameters, parameters)) {
      throw new TypeError(`The parameters of the query "${name}" are not those that were given, or in another order.`);
    }
    this.#known.set(name, query);
    return query;
  }
}
