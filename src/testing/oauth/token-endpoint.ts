import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingRequest } from "../server/api.js";
import { textOf, type Values } from "../server/parameters.js";
import { jsonReply, type Reply } from "../server/reply.js";
import type { Authority } from "./authority.js";
import { deviceGrant, deviceGrantType } from "./device.js";
import { OAuthError, oauthErrors } from "./errors.js";
import type { ApplicationRecord, PairRecord } from "./records.js";

/** RFC 6749, sections 4.1.3 and 6; RFC 8628, section 3.4. Answers are never cached. */
export async function tokenEndpoint(authority: Authority, request: IncomingRequest): Promise<Reply> {
  const values = await request.body();
  const grantType = textOf(values, "grant_type") ?? "";
  const clientId = clientOf(request, values).id ?? "";
  const attempt = (username: string | undefined, error: string | undefined): void => {
    authority.attempts.push({ grantType, clientId, username, error, at: authority.gitlab.now() });
  };
  try {
    const pair = exchange(authority, request, values, grantType);
    attempt(authority.gitlab.user(pair.userId).username, undefined);
    return jsonReply(200, tokenAnswer(authority, pair), { "cache-control": "no-store", pragma: "no-cache" });
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    const refresh = authority.pairs.find((pair) => pair.refreshToken === textOf(values, "refresh_token"));
    attempt(refresh === undefined ? undefined : authority.gitlab.user(refresh.userId).username, error.code);
    return error.reply();
  }
}

function exchange(authority: Authority, request: IncomingRequest, values: Values, grantType: string): PairRecord {
  switch (grantType) {
    case "authorization_code":
      return codeGrant(authority, requireApplication(authority, request, values), values);
    case "refresh_token":
      return refreshGrant(authority, requireApplication(authority, request, values), values);
    case deviceGrantType:
      return deviceGrant(authority, requireApplication(authority, request, values, false), values);
    case "":
      throw oauthErrors.missing("grant_type");
    default:
      throw oauthErrors.unsupportedGrantType();
  }
}

function codeGrant(authority: Authority, application: ApplicationRecord, values: Values): PairRecord {
  const codeText = textOf(values, "code");
  if (codeText === undefined) throw oauthErrors.missing("code");
  const code = authority.codes.get(codeText);
  if (code?.used === true) {
    // RFC 6749, section 4.1.2: a code that comes twice may have been stolen.
    for (const pair of authority.pairs) if (pair.code === codeText) authority.revoke(pair);
  }
  const valid =
    code !== undefined &&
    !code.used &&
    !authority.isPast(code.expiresAt) &&
    code.clientId === application.clientId &&
    code.redirectUri === textOf(values, "redirect_uri");
  if (!valid) throw oauthErrors.invalidGrant();
  const verifier = textOf(values, "code_verifier") ?? "";
  if (code.challenge !== undefined && challengeOf(verifier) !== code.challenge.value) throw oauthErrors.invalidGrant();
  code.used = true;
  return authority.issue({ ...pickGrant(code), code: codeText });
}

function refreshGrant(authority: Authority, application: ApplicationRecord, values: Values): PairRecord {
  const refreshToken = textOf(values, "refresh_token");
  if (refreshToken === undefined) throw oauthErrors.missing("refresh_token");
  const pair = authority.pairs.find((candidate) => candidate.refreshToken === refreshToken);
  const valid =
    pair !== undefined &&
    !pair.revoked &&
    pair.clientId === application.clientId &&
    (pair.redirectUri === undefined || pair.redirectUri === textOf(values, "redirect_uri")) &&
    authority.gitlab.user(pair.userId).state === "active";
  if (!valid) throw oauthErrors.invalidGrant();
  authority.revoke(pair);
  return authority.issue({ ...pickGrant(pair), code: pair.code });
}

type GrantedPair = Pick<PairRecord, "clientId" | "userId" | "redirectUri" | "scopes">;

const pickGrant = ({ clientId, userId, redirectUri, scopes }: GrantedPair): GrantedPair => ({
  clientId,
  userId,
  redirectUri,
  scopes,
});

function tokenAnswer(authority: Authority, pair: PairRecord): Readonly<Record<string, unknown>> {
  return {
    access_token: pair.accessToken,
    token_type: "Bearer",
    expires_in: authority.accessTokenTtlSeconds,
    refresh_token: pair.refreshToken,
    scope: pair.scopes.join(" "),
    created_at: Math.floor(authority.gitlab.now().getTime() / 1000),
  };
}

/** The application that asks, by its secret where it has one to keep. */
export function requireApplication(
  authority: Authority,
  request: IncomingRequest,
  values: Values,
  secretNeeded = true,
): ApplicationRecord {
  const { id, secret } = clientOf(request, values);
  const application = authority.applications.get(id ?? "");
  if (application === undefined) throw oauthErrors.invalidClient();
  if (secret === undefined) {
    if (application.confidential && secretNeeded) throw oauthErrors.invalidClient();
    return application;
  }
  if (!sameText(secret, application.clientSecret)) throw oauthErrors.invalidClient();
  return application;
}

function clientOf(request: IncomingRequest, values: Values): { id: string | undefined; secret: string | undefined } {
  const basic = /^basic\s+(.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (basic === undefined) return { id: textOf(values, "client_id"), secret: textOf(values, "client_secret") };
  const [id = "", secret = ""] = Buffer.from(basic, "base64").toString("utf8").split(":").map(formDecode);
  return { id, secret };
}

const formDecode = (value: string): string => new URLSearchParams(`v=${value}`).get("v") ?? "";

const challengeOf = (verifier: string): string => createHash("sha256").update(verifier).digest("base64url");

const sameText = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
