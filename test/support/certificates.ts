import { readFileSync } from "node:fs";

/** Made by test/fixtures/certificates/make.sh, for a hundred years. */
const read = (name: string): string =>
  readFileSync(new URL(`../fixtures/certificates/${name}`, import.meta.url), "utf8");

export const authority = read("authority.crt");
export const otherAuthority = read("other.crt");
export const server = { cert: read("server.crt"), key: read("server.key") };
export const elsewhere = { cert: read("elsewhere.crt"), key: read("elsewhere.key") };
export const client = { cert: read("client.crt"), key: read("client.key") };
export const encryptedClient = { cert: client.cert, key: read("client.encrypted.key"), passphrase: "open-sesame" };
export const stranger = { cert: read("stranger.crt"), key: read("stranger.key") };
