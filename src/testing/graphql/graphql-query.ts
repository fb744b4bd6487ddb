/** A field of a query with what is asked about it. */
export interface Selection {
  readonly name: string;
  readonly alias: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly selections: readonly Selection[];
}

type Variables = Readonly<Record<string, unknown>>;

/** Reads the part of GraphQL that queries by id need: fields, aliases, arguments, variables. No fragments. */
export function parseQuery(
  source: string,
  variables: Variables,
): { readonly selections: readonly Selection[] } | { readonly error: string } {
  const tokens = source
    .replace(/#[^\n]*/g, "")
    .match(/"(?:\\.|[^"\\])*"|\$?[A-Za-z_]\w*|-?\d+(?:\.\d+)?|[{}()[\]:!=]/g);
  if (tokens === null) return { error: "No query string was present" };
  const start = tokens.indexOf("{");
  try {
    return { selections: new Reader(tokens.slice(start), variables).selections() };
  } catch (error) {
    return { error: error instanceof Error ? error.message : "Parse error" };
  }
}

class Reader {
  #at = 0;

  constructor(
    private readonly tokens: readonly string[],
    private readonly variables: Variables,
  ) {}

  selections(): Selection[] {
    this.#expect("{");
    const selections: Selection[] = [];
    while (this.#peek() !== "}") selections.push(this.#field());
    this.#expect("}");
    return selections;
  }

  #field(): Selection {
    const first = this.#next();
    const aliased = this.#peek() === ":";
    if (aliased) this.#next();
    const name = aliased ? this.#next() : first;
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new Error(`Parse error on "${name}"`);
    const args: Record<string, unknown> = {};
    if (this.#peek() === "(") {
      this.#next();
      while (this.#peek() !== ")") {
        const key = this.#next();
        this.#expect(":");
        args[key] = this.#value();
      }
      this.#next();
    }
    return { name, alias: first, args, selections: this.#peek() === "{" ? this.selections() : [] };
  }

  #value(): unknown {
    const token = this.#next();
    if (token.startsWith("$")) return this.variables[token.slice(1)];
    if (token.startsWith('"')) return JSON.parse(token);
    return token === "true" ? true : token === "false" ? false : token === "null" ? null : Number(token);
  }

  #peek(): string | undefined {
    return this.tokens[this.#at];
  }

  #next(): string {
    const token = this.tokens[this.#at];
    if (token === undefined) throw new Error("Parse error: unexpected end of the query");
    this.#at += 1;
    return token;
  }

  #expect(wanted: string): void {
    const token = this.#next();
    if (token !== wanted) throw new Error(`Parse error on "${token}"`);
  }
}
