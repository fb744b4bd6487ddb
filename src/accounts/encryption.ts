import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";

const nonceBytes = 12;
const tagBytes = 16;
const generate = "Generate one with `openssl rand -base64 32` and keep it where your other secrets are.";

/** Seals and opens secrets. `context` names the place that a secret belongs to: elsewhere it does not open. */
export interface Cipher {
  seal(plaintext: string, context: readonly string[]): string;
  open(sealed: string, context: readonly string[]): string;
  /** Whether a sealed value was made with the current key, not an earlier one. */
  isCurrent(sealed: string): boolean;
}

interface EncryptionKey {
  readonly id: string;
  readonly bytes: Buffer;
}

function keyFrom(text: string): EncryptionKey {
  const bytes = /^[\w+/-]{43}=?$/.test(text.trim()) ? Buffer.from(text.trim(), "base64") : undefined;
  if (bytes?.length !== 32) {
    throw new GitLabToolError({
      code: "connection_misconfigured",
      message: "An encryption key must be 32 bytes, written in base64.",
      hint: generate,
    });
  }
  // A fingerprint that tells keys apart and gives nothing of the key away.
  const id = createHmac("sha256", bytes).update("key id").digest("base64url").slice(0, 8);
  return { id, bytes };
}

/** The keys that are given; an environment variable that is not set gives none. */
export function usableKeys(encryptionKey: string | readonly string[] | undefined): string[] {
  return [encryptionKey ?? []].flat().filter((key) => key.trim() !== "");
}

export function missingKey(): GitLabToolError {
  return new GitLabToolError({
    code: "connection_misconfigured",
    message: "A store that outlives the process needs an encryption key.",
    hint: `Pass encryptionKey: 32 bytes in base64. ${generate}`,
  });
}

/**
 * AES-256-GCM with a random 96-bit nonce for every value and the context as associated data.
 *
 * @see https://doi.org/10.6028/NIST.SP.800-38D
 *
 * @param keys the current key first, then earlier ones, which only open.
 */
export function createCipher(keys: readonly string[]): Cipher {
  const ring = keys.map(keyFrom);
  const current = ring[0];
  if (!current) throw missingKey();
  const aad = (context: readonly string[]): Buffer => Buffer.from(JSON.stringify(context));

  return {
    seal(plaintext, context) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv("aes-256-gcm", current.bytes, nonce, { authTagLength: tagBytes });
      cipher.setAAD(aad(context));
      const sealed = Buffer.concat([nonce, cipher.update(plaintext, "utf8"), cipher.final(), cipher.getAuthTag()]);
      return `v1.${current.id}.${sealed.toString("base64url")}`;
    },

    open(sealed, context) {
      const [version, id, text] = sealed.split(".");
      const bytes = Buffer.from(text ?? "", "base64url");
      const key = ring.find((candidate) => candidate.id === id);
      if (version !== "v1" || bytes.length < nonceBytes + tagBytes) throw unreadable();
      if (!key) throw wrongKey(id ?? "");
      const tag = bytes.subarray(bytes.length - tagBytes);
      const decipher = createDecipheriv("aes-256-gcm", key.bytes, bytes.subarray(0, nonceBytes), {
        authTagLength: tagBytes,
      });
      decipher.setAAD(aad(context)).setAuthTag(tag);
      try {
        const body = bytes.subarray(nonceBytes, bytes.length - tagBytes);
        return Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
      } catch {
        throw unreadable();
      }
    },

    isCurrent: (sealed) => sealed.startsWith(`v1.${current.id}.`),
  };
}

/** A key for secrets that die with the process. */
export const temporaryKey = (): string => randomBytes(32).toString("base64");

function wrongKey(id: string): GitLabToolError {
  return new GitLabToolError({
    code: "connection_misconfigured",
    message: `The store was encrypted with another key (key id ${id}).`,
    hint: "Pass the key that the store was made with. When rotating keys, keep it behind the new one: encryptionKey: [current, previous].",
    details: { keyId: id },
  });
}

function unreadable(): GitLabToolError {
  return new GitLabToolError({
    code: "internal",
    message: "A stored secret does not open: its row was changed, or copied from another one.",
    hint: "Ask the person to authorize again.",
  });
}
