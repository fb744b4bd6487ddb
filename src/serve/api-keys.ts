/**
 * HTTP and JSON for programs in other languages: what the client's `actions` do, for products that each have keys of
 * their own. This file is those keys.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { partsOf, type GitLabParts } from "../gitlab-parts.js";
import type { GitLab } from "../gitlab-types.js";
import { lifetimeSeconds } from "../sessions/lifetime.js";
import type { Access } from "../definition/definition.js";
import type { ExpiringRows } from "../stores/expiring-rows.js";
import { hashOf, newSecret, sealedRows } from "../web/sealed-rows.js";

/** What a key may be used for. */
export const keyScopes = ["accounts:read", "accounts:write", "tools:execute", "sessions:write", "events:read"] as const;

export type KeyScope = (typeof keyScopes)[number];

/** What a key's calls may do and reach. */
export interface KeyLimits {
  /** Whose accounts: those of this product; `null` for all of the store, whoever made them. */
  readonly namespace: string | null;
  readonly scopes: readonly KeyScope[];
  /** The most that a call may do in GitLab. */
  readonly access: Access;
  readonly connections: readonly string[] | "all";
  readonly projects?: readonly string[];
  readonly groups?: readonly string[];
}

/** A key as it may be shown. */
export interface ApiKey extends KeyLimits {
  readonly keyId: string;
  /** For people. */
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601. */
  readonly expiresAt: string;
  /** ISO 8601, to the minute; absent before the first use. */
  readonly lastUsedAt?: string;
}

export interface KeyOptions extends KeyLimits {
  readonly name: string;
  /** Seconds, or a number with a unit: `"90d"`. At most 366 days. */
  readonly expiresIn: number | string;
}

export interface CreatedKey {
  readonly apiKey: ApiKey;
  /** The key itself: nobody can show it again. */
  readonly key: string;
}

/** The keys of the products that use a gateway, in its store: an ended one is refused by every replica at once. */
export interface ApiKeys {
  create(options: KeyOptions): Promise<CreatedKey>;
  /**
   * A key like another, which ends after `overlapSeconds`: so long both are good.
   *
   * @throws {GitLabToolError} `not_found`
   */
  replace(keyId: string, options: ReplaceOptions): Promise<CreatedKey>;
  /** All that have not ended, the oldest first. */
  list(): Promise<ApiKey[]>;
  /** @throws {GitLabToolError} `not_found` */
  revoke(keyId: string): Promise<ApiKey>;
  /** `undefined` for a key that is unknown, has expired or was revoked. */
  verify(key: string): Promise<ApiKey | undefined>;
}

export interface ReplaceOptions extends Pick<KeyOptions, "expiresIn"> {
  readonly overlapSeconds: number;
}

/** What is stored of a key, sealed: who can write the database makes no key. */
interface KeyRow extends ApiKey {
  /** SHA-256 of the secret, in base64url. 256 random bits need no slower hash. */
  readonly secretHash: string;
}

/** `gat_`, the id, the secret. */
const form = /^gat_([0-9a-f]{16})_([\w-]{43})$/;
/** A namespace has no colon, so none is the beginning of another's identifiers. */
const namespaceForm = /^[a-z0-9][a-z0-9-]{0,62}$/;
const longestSeconds = 366 * 86_400;
const usedEveryMs = 60_000;
const mostTries = 5;

const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();

/** The id of the row in which a key is kept. */
export const rowOfKey = (keyId: string): string => hashOf(keyId);

/** @throws {GitLabToolError} `invalid_input` for a client of another copy of this package, or a store that keeps no rows */
export function createApiKeys(gitlab: GitLab): ApiKeys {
  const { parts, rows } = storeOf(gitlab);
  const kept = sealedRows<KeyRow>(parts, rows, "api key");
  const { now } = parts;
  /** When each key's use was last written down by this process. */
  const used = new Map<string, number>();

  async function find(keyId: string): Promise<{ readonly value: KeyRow; readonly stored: string } | undefined> {
    const found = await kept.get(keyId);
    return found && Date.parse(found.value.expiresAt) > now() ? found : undefined;
  }

  /** Changes what is stored; `false` where the key has ended. */
  async function change(keyId: string, changes: Partial<KeyRow>): Promise<boolean> {
    for (let attempt = 1; attempt <= mostTries; attempt += 1) {
      const found = await find(keyId);
      if (!found) return false;
      const value = { ...found.value, ...changes };
      if (await kept.replace(keyId, found, value, Date.parse(value.expiresAt) - now())) return true;
    }
    throw new GitLabToolError({
      code: "conflict",
      message: `The API key ${keyId} was changed meanwhile, again and again.`,
      hint: "Try again.",
      retryable: true,
    });
  }

  async function add(
    { name, namespace, scopes, access, connections, projects, groups }: KeyLimits & { name: string },
    seconds: number,
  ) {
    const [keyId, secret, at] = [randomBytes(8).toString("hex"), newSecret(), now()];
    const apiKey: ApiKey = {
      ...{ keyId, name, namespace, scopes, access, connections },
      ...(projects && { projects }),
      ...(groups && { groups }),
      createdAt: new Date(at).toISOString(),
      expiresAt: new Date(at + seconds * 1000).toISOString(),
    };
    await kept.add(keyId, { ...apiKey, secretHash: sha256(secret).toString("base64url") }, seconds * 1000);
    return { apiKey, key: `gat_${keyId}_${secret}` };
  }

  /** Best effort: a use that is not written down stops nobody. */
  async function noteUse({ keyId }: ApiKey): Promise<void> {
    const at = now();
    if (at - (used.get(keyId) ?? -Infinity) < usedEveryMs) return;
    used.set(keyId, at);
    await change(keyId, { lastUsedAt: new Date(at).toISOString() }).catch(() => false);
  }

  return {
    async create({ expiresIn, ...options }) {
      checkLimits(options);
      return await add(options, lifetimeSeconds(expiresIn, longestSeconds));
    },

    async replace(keyId, { expiresIn, overlapSeconds }) {
      const seconds = lifetimeSeconds(expiresIn, longestSeconds);
      const old = await find(keyId);
      if (!old) throw unknownKey(keyId);
      const created = await add(old.value, seconds);
      const end = Math.min(Date.parse(old.value.expiresAt), now() + overlapSeconds * 1000);
      await change(keyId, { expiresAt: new Date(end).toISOString() });
      return created;
    },

    async list() {
      const found = (await kept.list()).filter(({ expiresAt }) => Date.parse(expiresAt) > now());
      return found.map(shown).sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
    },

    async revoke(keyId) {
      const gone = await kept.take(keyId);
      if (!gone) throw unknownKey(keyId);
      return shown(gone);
    },

    async verify(key) {
      const [, keyId, secret] = form.exec(key) ?? [];
      if (keyId === undefined || secret === undefined) return undefined;
      const found = await find(keyId);
      if (!found || !timingSafeEqual(sha256(secret), Buffer.from(found.value.secretHash, "base64url")))
        return undefined;
      await noteUse(found.value);
      return shown(found.value);
    },
  };
}

const shown = ({ secretHash: _, ...apiKey }: KeyRow): ApiKey => apiKey;

/** @throws {GitLabToolError} `invalid_input` */
function checkLimits({ name, namespace, scopes, connections }: KeyLimits & { readonly name: string }): void {
  const refuse = (field: string, message: string): GitLabToolError =>
    new GitLabToolError({
      code: "invalid_input",
      message: `${field} ${message}.`,
      hint: "Nothing was changed. Correct it and try again.",
      details: { field },
    });
  if (!/^[^\p{Cc}]{1,100}$/u.test(name)) throw refuse("name", "must be 1 to 100 characters for people");
  if (namespace !== null && !namespaceForm.test(namespace))
    throw refuse("namespace", "must be up to 63 small letters, digits and hyphens, such as acme");
  if (scopes.length === 0) throw refuse("scopes", `must name what the key is for: ${keyScopes.join(", ")}`);
  if (connections.length === 0) throw refuse("connections", "must name at least one");
}

const unknownKey = (keyId: string): GitLabToolError =>
  new GitLabToolError({
    code: "not_found",
    message: `There is no API key ${JSON.stringify(keyId.slice(0, 40))}, or it has ended.`,
    hint: "gitlab-agent-tools keys list shows those that there are.",
  });

/** What of a client the gateway stands on. */
export function storeOf(gitlab: GitLab): { readonly parts: GitLabParts; readonly rows: ExpiringRows } {
  const parts = partsOf(gitlab);
  if (parts?.store.rows) return { parts, rows: parts.store.rows };
  throw new GitLabToolError({
    code: "invalid_input",
    message: parts
      ? "A gateway needs a store that keeps rows (AccountStore.rows)."
      : "A gateway needs the client that createGitLab returns, of the same copy of this package.",
    hint: parts ? "Add rows to the store." : "Pass gitlab: createGitLab(…).",
  });
}
