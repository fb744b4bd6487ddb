import { createHash } from "node:crypto";
import { invalid } from "../../server/handler.js";
import { wordOf } from "../engine/fill.js";

const pattern =
  /^(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) [A-Za-z0-9+/]{16,}={0,3}(?: .*)?$/;

/** A public key in one line, or what GitLab says about something else. */
export function checkPublicKey(key: string): string {
  const line = key.trim();
  if (!pattern.test(line)) {
    invalid({
      key: ["is invalid", "must be a supported SSH public key."],
      fingerprint_sha256: ["cannot be generated"],
    });
  }
  return line;
}

/** When a key ends, as a moment, where a request says so. */
export function expiryOf({ expires_at: expiresAt }: Readonly<Record<string, unknown>>): { expires_at?: string } {
  const moment = Date.parse(wordOf(expiresAt) ?? "");
  return Number.isNaN(moment) ? {} : { expires_at: new Date(moment).toISOString() };
}

/** The part of a key that decides whether two are the same: comments do not. */
export const keyBody = (key: string): string => key.trim().split(/\s+/)[1] ?? "";

export const fingerprintSha256 = (key: string): string =>
  `SHA256:${createHash("sha256")
    .update(Buffer.from(keyBody(key), "base64"))
    .digest("base64")
    .replace(/=+$/, "")}`;

export const fingerprintMd5 = (key: string): string =>
  createHash("md5")
    .update(Buffer.from(keyBody(key), "base64"))
    .digest("hex")
    .replace(/(..)(?=.)/g, "$1:");
