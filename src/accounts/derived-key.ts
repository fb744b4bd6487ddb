import { hkdfSync } from "node:crypto";

/**
 * A key of our own that tells nothing about the encryption key it comes from
 * (https://datatracker.ietf.org/doc/html/rfc5869).
 *
 * @param key in base64
 */
export const derivedKey = (key: string, purpose: string): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", Buffer.from(key.trim(), "base64"), "", `gitlab-agent-tools ${purpose}`, 32));
