import type { NetworkSettings } from "../http/transport.js";
import { isObject } from "../is-object.js";
import type { ConnectionRecord } from "../stores/account-store.js";
import type { Cipher } from "./encryption.js";
import { networkNames, networkParts } from "./network-settings.js";
import { Secret } from "./secret.js";
import type { Connection } from "./types.js";

/** What a connection has that is sealed in the store. */
export interface ConnectionSecrets {
  readonly clientSecret?: Secret;
  readonly networkSettings?: Secret<NetworkSettings>;
}

/**
 * What a row holds in its secret. Version 0.1 and connections without network settings have the client secret alone;
 * others have JSON, whose parts the row's `sealed` names.
 */
type Form = "client_secret" | "secrets";

/**
 * The secret opens only beside the address and the client id that it was stored with: a row that somebody points at
 * another host does not take the secret there. Network settings are sealed as a whole: who can write to the database
 * shall not lead calls through a proxy of their own.
 */
function associatedData({ name, baseUrl, clientId = "" }: Connection, form: Form): string[] {
  return ["connection", name, baseUrl, clientId, form];
}

const formOf = (sealed: unknown): Form => (sealed === undefined ? "client_secret" : "secrets");

/** The secrets as a row keeps them: `sealed` is a part of its configuration. */
export function sealSecrets(
  cipher: Cipher,
  connection: Connection & ConnectionSecrets,
): { readonly secret: string | null; readonly sealed?: readonly string[] } {
  const { clientSecret, networkSettings } = connection;
  const seal = (text: string, form: Form): string => cipher.seal(text, associatedData(connection, form));
  if (!networkSettings) {
    return { secret: clientSecret ? seal(clientSecret.reveal(), "client_secret") : null };
  }
  const parts = { ...(clientSecret && { clientSecret: clientSecret.reveal() }), ...networkSettings.reveal() };
  return { secret: seal(JSON.stringify(parts), "secrets"), sealed: Object.keys(parts) };
}

/** What is known of a row's secrets without opening them. */
export function namesOf(record: ConnectionRecord, sealed: unknown): Pick<Connection, "hasClientSecret" | "network"> {
  if (!Array.isArray(sealed)) return { hasClientSecret: record.secret !== null };
  const network = networkParts.filter((name) => sealed.includes(name));
  return { hasClientSecret: sealed.includes("clientSecret"), ...(network.length > 0 && { network }) };
}

/** @throws {GitLabToolError} `internal` where the row was changed, `connection_misconfigured` for another key */
export function openSecrets(
  cipher: Cipher,
  secret: string,
  connection: Connection,
  sealed: unknown,
): ConnectionSecrets & { network?: Connection["network"] } {
  const form = formOf(sealed);
  const text = cipher.open(secret, associatedData(connection, form));
  if (form === "client_secret") return { clientSecret: new Secret(text) };
  const parts: unknown = JSON.parse(text);
  if (!isObject(parts)) return {};
  const { clientSecret, ...network } = parts as { clientSecret?: string } & NetworkSettings;
  return {
    ...(clientSecret !== undefined && { clientSecret: new Secret(clientSecret) }),
    networkSettings: new Secret(network),
    network: networkNames(network),
  };
}

/** The same secrets, sealed with the current key. */
export function resealSecrets(cipher: Cipher, secret: string, connection: Connection, sealed: unknown): string {
  const data = associatedData(connection, formOf(sealed));
  return cipher.seal(cipher.open(secret, data), data);
}
