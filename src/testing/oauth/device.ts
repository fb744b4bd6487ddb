import type { IncomingRequest } from "../server/api.js";
import { textOf, type Values } from "../server/parameters.js";
import { jsonReply, type Reply } from "../server/reply.js";
import type { UserRecord } from "../state/records.js";
import type { Authority } from "./authority.js";
import { oauthErrors } from "./errors.js";
import type { ApplicationRecord, PairRecord } from "./records.js";

export const deviceGrantType = "urn:ietf:params:oauth:grant-type:device_code";

/** RFC 8628, section 3.1: a device asks for a code that its user can type in elsewhere. */
export async function deviceAuthorization(authority: Authority, request: IncomingRequest): Promise<Reply> {
  const values = await request.body();
  const application = authority.applications.get(textOf(values, "client_id") ?? "");
  if (application === undefined) return oauthErrors.invalidClient().reply();
  const requested = (textOf(values, "scope") ?? "").split(/\s+/).filter(Boolean);
  if (requested.some((scope) => !application.scopes.includes(scope))) return oauthErrors.invalidScope().reply();
  const device = authority.createDevice(
    application.clientId,
    requested.length > 0 ? requested : application.scopes.slice(0, 1),
  );
  const page = `${authority.gitlab.baseUrl}/oauth/device`;
  return jsonReply(200, {
    device_code: device.deviceCode,
    user_code: device.userCode,
    verification_uri: page,
    verification_uri_complete: `${page}?user_code=${device.userCode}`,
    expires_in: 300,
    interval: device.intervalSeconds,
  });
}

/** What the user does on the page that {@link deviceAuthorization} names. */
export function decideDevice(authority: Authority, userCode: string, user: UserRecord, deny = false): void {
  const code = userCode.replaceAll("-", "").toUpperCase();
  const device = authority.devices.find((candidate) => candidate.userCode === code);
  if (device?.state !== "pending" || authority.isPast(device.expiresAt)) {
    throw new Error(`No device waits with the code ${userCode}`);
  }
  device.state = deny ? "denied" : "approved";
  device.userId = user.id;
}

/** RFC 8628, section 3.5: what the device hears while its user makes up their mind. */
export function deviceGrant(authority: Authority, application: ApplicationRecord, values: Values): PairRecord {
  const deviceCode = values["device_code"];
  if (typeof deviceCode !== "string" || deviceCode === "") throw oauthErrors.missing("device_code");
  const device = authority.devices.find((candidate) => candidate.deviceCode === deviceCode);
  if (device?.clientId !== application.clientId || device.state === "used") throw oauthErrors.invalidGrant();
  if (authority.isPast(device.expiresAt)) throw oauthErrors.expiredToken();
  if (device.state === "denied") throw oauthErrors.accessDenied();
  if (device.state === "approved" && device.userId !== undefined) {
    device.state = "used";
    return authority.issue({
      clientId: device.clientId,
      userId: device.userId,
      redirectUri: undefined,
      scopes: device.scopes,
      code: undefined,
    });
  }
  const now = authority.gitlab.now();
  const since = device.lastPolledAt === undefined ? Infinity : now.getTime() - device.lastPolledAt.getTime();
  device.lastPolledAt = now;
  if (since < device.intervalSeconds * 1000) {
    device.intervalSeconds += 5;
    throw oauthErrors.slowDown();
  }
  throw oauthErrors.authorizationPending();
}
