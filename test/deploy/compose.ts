import { readFile } from "node:fs/promises";
import { parse } from "yaml";

export interface Service {
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly image: string;
}

export interface Compose {
  readonly services: Readonly<Record<string, Service>>;
}

/**
 * What takes the place of what an earlier file says.
 *
 * @see https://docs.docker.com/reference/compose-file/merge/#reset-value
 */
export const customTags = [{ tag: "!reset", collection: "seq" as const, resolve: (value: unknown) => value }];

/** `NAME=value` lines. */
export async function readEnv(file: string): Promise<Record<string, string>> {
  const lines = (await readFile(file, "utf8")).split("\n").filter((line) => /^\w+=/.test(line));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

/**
 * Puts variables in.
 *
 * @see https://docs.docker.com/reference/compose-file/interpolation/
 */
function interpolated(value: unknown, env: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(value)) return value.map((one) => interpolated(one, env));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, interpolated(one, env)]));
  if (typeof value !== "string") return value;
  return value.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, kind?: string, text?: string) => {
    if (env[name]) return env[name];
    if (kind === "?") throw new Error(`${name}: ${text ?? ""}`);
    return text ?? "";
  });
}

export async function readCompose(file: string, env: Readonly<Record<string, string>>): Promise<Compose> {
  return interpolated(parse(await readFile(file, "utf8"), { customTags }), env) as Compose;
}
