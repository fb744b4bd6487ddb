import { createApiKeys, keyScopes, type ApiKeys, type CreatedKey, type KeyScope } from "../serve/api-keys.js";
import { lifetimeSeconds } from "../sessions/lifetime.js";
import type { Access } from "../definition/definition.js";
import { forTerminal } from "./advice.js";
import { openStore } from "./client.js";
import { paint, print, printJson, UsageError } from "./output.js";
import { agreeTo } from "./question.js";
import { printTable } from "./table.js";

export interface KeyFlags {
  readonly json?: boolean;
}

export interface CreateFlags extends KeyFlags {
  readonly namespace?: string;
  readonly allAccounts?: boolean;
  readonly scopes?: readonly string[];
  readonly access?: Access;
  readonly connections?: readonly string[];
  readonly projects?: readonly string[];
  readonly groups?: readonly string[];
  readonly expiresIn: string;
  readonly replaces?: string;
  readonly overlap: string;
}

export interface RevokeKeyFlags extends KeyFlags {
  readonly yes?: boolean;
}

async function withKeys<Result>(work: (keys: ApiKeys) => Promise<Result>): Promise<Result> {
  const gitlab = await openStore().catch((error: unknown) => {
    throw forTerminal(error, { token: false });
  });
  try {
    return await work(createApiKeys(gitlab));
  } finally {
    await gitlab.close();
  }
}

const defaultScopes: readonly KeyScope[] = ["accounts:read", "accounts:write", "tools:execute"];

function scopesOf(names: readonly string[] | undefined): readonly KeyScope[] {
  if (names === undefined) return defaultScopes;
  return names.map((word) => {
    const scope = keyScopes.find((one) => one === word);
    if (scope === undefined) throw new UsageError(`--scopes: there is no ${word}; there are ${keyScopes.join(", ")}.`);
    return scope;
  });
}

async function create(keys: ApiKeys, name: string | undefined, flags: CreateFlags): Promise<CreatedKey> {
  const { namespace, allAccounts = false, access = "read", connections, projects, groups, expiresIn, replaces } = flags;
  if (replaces !== undefined) {
    const flagged = [name, namespace, flags.scopes, flags.access, connections, projects, groups];
    if (allAccounts || flagged.some((one) => one !== undefined))
      throw new UsageError("--replaces makes a key like the other: leave out its name and what it may do.");
    const overlapSeconds = flags.overlap === "0" ? 0 : lifetimeSeconds(flags.overlap, undefined, "overlap");
    return await keys.replace(replaces, { expiresIn, overlapSeconds });
  }
  if (name === undefined) throw new UsageError("Give the key a name, such as acme-production.");
  if ((namespace !== undefined) === allAccounts)
    throw new UsageError("Say whose accounts the key reaches: --namespace PRODUCT, or --all-accounts.");
  return await keys.create({
    ...{ name, access, expiresIn },
    namespace: namespace ?? null,
    scopes: scopesOf(flags.scopes),
    connections: connections?.includes("all") ? "all" : (connections ?? ["gitlab"]),
    ...(projects && { projects }),
    ...(groups && { groups }),
  });
}

export async function createKey(name: string | undefined, flags: CreateFlags): Promise<void> {
  const { apiKey, key } = await withKeys((keys) => create(keys, name, flags));
  if (flags.json) return printJson({ ...apiKey, key });
  // Only the key on standard output, for scripts.
  print(key);
  const what = `key ${apiKey.keyId} (${apiKey.name}), until ${apiKey.expiresAt}; it is not shown again`;
  process.stderr.write(`${paint("dim", what, process.stderr)}\n`);
}

export async function listKeys({ json }: KeyFlags): Promise<void> {
  const found = await withKeys((keys) => keys.list());
  if (json) return printJson(found);
  printTable(
    ["id", "name", "accounts", "scopes", "access", "until", "last used"],
    found.map(({ keyId, name, namespace, scopes, access, expiresAt, lastUsedAt }) => [
      ...[keyId, name, namespace === null ? "all" : `${namespace}:`, scopes.join(" "), access],
      ...[expiresAt.slice(0, 10), lastUsedAt?.slice(0, 16).replace("T", " ") ?? "never"],
    ]),
  );
  print(paint("dim", found.length === 1 ? "1 key" : `${found.length} keys`));
}

export async function revokeKey(id: string, { json, yes }: RevokeKeyFlags): Promise<void> {
  await agreeTo(`End the key ${id}?`, { yes });
  const apiKey = await withKeys((keys) => keys.revoke(id));
  if (json) printJson({ ...apiKey, revoked: true });
  else print(`The key ${id} (${apiKey.name}) has ended.`);
}
