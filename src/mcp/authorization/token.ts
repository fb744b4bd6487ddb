import { createHash } from "node:crypto";
import { isResource } from "./authorize.js";
import { usedCodeMs } from "./callback.js";
import { newFamily, type TokenResponse } from "./grants.js";
import type { SignInParts } from "./parts.js";

const headers = { "Cache-Control": "no-store", "Access-Control-Allow-Origin": "*" };

/** https://datatracker.ietf.org/doc/html/rfc6749#section-5.2 */
export const oauthError = (error: string, error_description: string, status = 400): Response =>
  Response.json({ error, error_description }, { status, headers });

const toResponse = (tokens: TokenResponse | undefined, otherwise: string): Response =>
  tokens ? Response.json(tokens, { headers }) : oauthError("invalid_grant", otherwise);

/** `POST /token`. */
export async function token(server: SignInParts, form: URLSearchParams): Promise<Response> {
  if (form.getAll("resource").some((requested) => !isResource(requested, server.resource)))
    return oauthError("invalid_target", `This server is ${server.resource}`);
  const clientId = form.get("client_id");
  if (!clientId) return oauthError("invalid_request", "client_id is missing");
  if (!(await server.clients.stays(clientId)))
    return oauthError("invalid_client", "This client is not registered, or no longer: register again.", 401);
  switch (form.get("grant_type")) {
    case "authorization_code":
      return toResponse(await exchange(server, form, clientId), "This code is not good, or no longer.");
    case "refresh_token":
      return await refresh(server, form, clientId);
    default:
      return oauthError("unsupported_grant_type", "There is authorization_code and refresh_token");
  }
}

async function exchange(
  { codes, grants }: SignInParts,
  form: URLSearchParams,
  clientId: string,
): Promise<TokenResponse | undefined> {
  const code = form.get("code") ?? "";
  const found = await codes.get(code);
  if (!found) return undefined;
  const { value } = found;
  if (value.family !== undefined) {
    // Somebody has been here before: what they got ends (https://datatracker.ietf.org/doc/html/rfc6749#section-4.1.2).
    await grants.end(value.family);
    return undefined;
  }
  const challenge = createHash("sha256")
    .update(form.get("code_verifier") ?? "")
    .digest("base64url");
  const fits =
    value.clientId === clientId && value.redirectUri === form.get("redirect_uri") && value.challenge === challenge;
  const family = newFamily();
  const { account, scopes } = value;
  const tokens = fits ? await grants.begin(family, { clientId, account, scopes }) : undefined;
  // Used up by the first attempt, good or not.
  if (await codes.replace(code, found, { ...value, family }, usedCodeMs)) return tokens;
  // Somebody was quicker with the same code, and one of the two is not the client: neither keeps anything.
  await grants.end(family);
  const quicker = (await codes.get(code))?.value.family;
  if (quicker !== undefined) await grants.end(quicker);
  return undefined;
}

async function refresh({ grants }: SignInParts, form: URLSearchParams, clientId: string): Promise<Response> {
  const tokens = await grants.refresh(form.get("refresh_token") ?? "", clientId, form.get("scope"));
  return toResponse(tokens, "This refresh token is not good, or no longer.");
}

/** `POST /revoke`: says nothing of what there was (https://datatracker.ietf.org/doc/html/rfc7009#section-2.2). */
export async function revoke({ grants, gitlab, resource }: SignInParts, form: URLSearchParams): Promise<Response> {
  const presented = form.get("token") ?? "";
  const family = await grants.familyOf(presented, form.get("client_id") ?? "");
  if (family !== undefined) await grants.end(family);
  else {
    const session = await gitlab.verifySession(presented, { audience: resource });
    if (session) await gitlab.revokeSession(session);
  }
  return new Response(null, { status: 200, headers });
}
