import { randomUUID } from "node:crypto";
import * as z from "zod/mini";
import type { FetchDocument } from "./client-document.js";
import { isRedirectUri } from "./redirects.js";
import type { SealedRows } from "../../web/sealed-rows.js";

/** A program that wants to act for people. */
export interface OAuthClient {
  readonly id: string;
  /** As it calls itself. */
  readonly name: string;
  readonly redirectUris: readonly string[];
}

/** What is stored of a client that has registered. */
export interface ClientRow {
  readonly name: string;
  readonly redirectUris: readonly string[];
}

/** Registrations that nobody uses end after so long. */
const unusedMs = 90 * 86_400_000;

const metadata = z.object({
  redirect_uris: z.array(z.string()).check(z.minLength(1), z.maxLength(20)),
  client_name: z.optional(z.string()),
  token_endpoint_auth_method: z.optional(z.string()),
  grant_types: z.optional(z.array(z.string())),
});

const document = z.extend(metadata, { client_id: z.string() });

const longestName = 100;
const nameOf = (name: string | undefined, fallback: string): string => (name?.trim() || fallback).slice(0, longestName);

/** Why a registration is refused (RFC 7591, section 3.2.2). */
export interface RegistrationError {
  readonly error: "invalid_redirect_uri" | "invalid_client_metadata";
  readonly error_description: string;
}

export interface Clients {
  /** `undefined` for one that nobody knows. */
  find(id: string): Promise<OAuthClient | undefined>;
  /**
   * Whether it may still ask for tokens: a registration that is used stays. What is described at an address is not
   * looked at again for what a person has allowed already.
   */
  stays(id: string): Promise<boolean>;
  register(body: unknown): Promise<Readonly<Record<string, unknown>> | RegistrationError>;
}

export function createClients(rows: SealedRows<ClientRow>, fetchDocument: FetchDocument): Clients {
  /** A client that is described at its own address (draft-ietf-oauth-client-id-metadata-document). */
  async function described(id: string): Promise<OAuthClient | undefined> {
    const parsed = document.safeParse(await fetchDocument(id));
    if (!parsed.success) return undefined;
    const { client_id, client_name, redirect_uris, token_endpoint_auth_method = "none" } = parsed.data;
    if (client_id !== id || token_endpoint_auth_method !== "none") return undefined;
    const redirectUris = redirect_uris.filter(isRedirectUri);
    return { id, name: nameOf(client_name, new URL(id).host), redirectUris };
  }

  const isDescribed = (id: string): boolean => id.startsWith("https://");

  async function registered(id: string): Promise<ClientRow | undefined> {
    const found = await rows.get(id);
    // It is used: it may stay.
    if (found) await rows.replace(id, found, found.value, unusedMs);
    return found?.value;
  }

  return {
    async find(id) {
      if (isDescribed(id)) return await described(id);
      const row = await registered(id);
      return row && { id, ...row };
    },

    stays: async (id) => isDescribed(id) || (await registered(id)) !== undefined,

    async register(body) {
      const parsed = metadata.safeParse(body);
      if (!parsed.success)
        return { error: "invalid_client_metadata", error_description: "redirect_uris has to be a list of addresses." };
      const { redirect_uris, client_name, token_endpoint_auth_method = "none" } = parsed.data;
      if (token_endpoint_auth_method !== "none")
        return {
          error: "invalid_client_metadata",
          error_description: "Clients have no secret here: token_endpoint_auth_method has to be none.",
        };
      const wrong = redirect_uris.find((uri) => !isRedirectUri(uri));
      if (wrong !== undefined)
        return {
          error: "invalid_redirect_uri",
          error_description: "A redirect URI is https, http on loopback, or a scheme of the application's own.",
        };
      const id = randomUUID();
      const row: ClientRow = {
        name: nameOf(client_name, "An application without a name"),
        redirectUris: redirect_uris,
      };
      await rows.add(id, row, unusedMs);
      return {
        client_id: id,
        client_name: row.name,
        redirect_uris,
        token_endpoint_auth_method: "none",
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
      };
    },
  };
}
