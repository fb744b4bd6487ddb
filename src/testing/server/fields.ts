/** Reads the parameters of a request whatever they came as: numbers or digits, arrays or comma-separated text. */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  /** Whether the parameter was sent with a value; `null` counts as a value in {@link sent}, not here. */
  has(name: string): boolean {
    const value = this.#values[name];
    return value !== undefined && value !== null && value !== "";
  }

  /** Whether the parameter was sent at all, be it to clear something. */
  sent(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === "string" ? value : isPlain(value) ? String(value) : undefined;
  }

  integer(name: string): number | undefined {
    const text = this.text(name);
    return text === undefined || text.trim() === "" || !Number.isInteger(Number(text)) ? undefined : Number(text);
  }

  flag(name: string): boolean | undefined {
    const text = this.text(name)?.toLowerCase();
    return text === undefined || text === "" ? undefined : ["true", "1", "yes", "on", "t"].includes(text);
  }

  /** The entries of an array, or of a text separated by commas. */
  list(name: string): string[] {
    const value = this.#values[name];
    const entries = Array.isArray(value) ? value.filter(isPlain).map(String) : (this.text(name)?.split(",") ?? []);
    // GitLab also splits the entries of an array: `["a,b"]` is two labels.
    return entries
      .flatMap((entry) => entry.split(","))
      .map((entry) => entry.trim())
      .filter((entry) => entry !== "");
  }

  /** The parameters inside a hash such as `not`, however the request spelled it. */
  nested(name: string): Fields {
    const value = this.#values[name];
    const inner: Record<string, unknown> = isRecord(value) ? { ...value } : {};
    for (const [key, entry] of Object.entries(this.#values)) {
      const part = key.startsWith(`${name}[`) ? key.slice(name.length + 1).replace("]", "") : undefined;
      if (part !== undefined && entry !== undefined) inner[part.replace(/\[\]$/, "")] = entry;
    }
    return new Fields(inner);
  }

  /** The values themselves. */
  entries(): Readonly<Record<string, unknown>> {
    return this.#values;
  }

  without(...names: readonly string[]): Fields {
    return new Fields(Object.fromEntries(Object.entries(this.#values).filter(([key]) => !names.includes(key))));
  }
}

const isPlain = (value: unknown): value is string | number | boolean =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean";

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
