import type { AccountRecord } from "../stores/account-store.js";
import { connectGrant, explainExchange } from "./connect-grant.js";
import { scopesFor } from "./link.js";
import { OAuthFailure } from "./oauth-failure.js";
import { pollDeviceGrant, requestDeviceGrant } from "./oauth.js";
import { clientOf } from "./oauth-endpoint.js";
import type { AccountParts } from "./parts.js";
import type { Lifetime } from "./lifetime.js";
import type { AccountKey, ConnectedAccount } from "./types.js";

/**
 * A device authorization that waits for its person.
 *
 * @see https://datatracker.ietf.org/doc/html/rfc8628
 */
export interface DeviceAuthorization {
  readonly userCode: string;
  readonly verificationUri: string;
  readonly verificationUriComplete?: string;
  /** ISO 8601. */
  readonly expiresAt: string;
  /** How long to wait between two polls; grows when GitLab says `slow_down`. */
  readonly intervalSeconds: number;
  /** Asks once; `undefined` while the person has not answered. */
  poll(options?: { signal?: AbortSignal | undefined }): Promise<ConnectedAccount | undefined>;
  /** Asks until the person has answered. */
  wait(options?: { signal?: AbortSignal | undefined }): Promise<ConnectedAccount>;
}

export interface DeviceAuthorizationOptions extends AccountKey {
  /** Default: the connection's. */
  readonly scopes?: readonly string[];
  /** Asks for the least scopes that these tools need, in place of `scopes`. */
  readonly tools?: readonly string[] | undefined;
}

interface DeviceFlow {
  readonly userCode: string;
  readonly verificationUri: string;
  readonly verificationUriComplete?: string;
  readonly expiresAt: number;
  readonly intervalSeconds: number;
  /** One question; `undefined` while the person has not answered. */
  poll(signal?: AbortSignal): Promise<AccountRecord | undefined>;
  /** Asks until the person has answered, at the pace that GitLab wants. */
  wait(signal?: AbortSignal): Promise<AccountRecord>;
}

/** Device authorization grant, for people without a browser on this machine: https://datatracker.ietf.org/doc/html/rfc8628#section-3 */
async function startDeviceFlow(parts: AccountParts, options: DeviceAuthorizationOptions): Promise<DeviceFlow> {
  const { context, connections, registry } = parts;
  const connection = await connections.resolve(options.connectionName);
  const scopes = await scopesFor(parts, connection, options);
  // A connection that cannot authorize anybody is said to be one before it leaves a pending account behind.
  clientOf(connection);
  const account = await registry.add(options);
  const [started, asOf] = [context.now(), context.steady()];
  const device = await requestDeviceGrant(context, connection, scopes).catch((error: unknown) => {
    throw explainExchange(error, options, "device");
  });
  const expiresAt = started + device.lifetimeSeconds * 1000;
  const endsAt = asOf + device.lifetimeSeconds * 1000;
  let intervalSeconds = device.intervalSeconds;

  async function poll(signal?: AbortSignal): Promise<AccountRecord | undefined> {
    if (context.steady() >= endsAt) {
      throw explainExchange(new OAuthFailure("", { reason: "expired_token" }), options, "device");
    }
    const asked = context.now();
    try {
      const grant = await pollDeviceGrant(context, connection, device.deviceCode, signal);
      return await connectGrant(parts, { account, connection, grant, asked, scopes });
    } catch (error) {
      if (!(error instanceof OAuthFailure)) throw error;
      if (error.reason === "authorization_pending") return undefined;
      // Five seconds more from now on (https://datatracker.ietf.org/doc/html/rfc8628#section-3.5).
      // A server that is away is asked less often, too.
      if (error.reason !== "slow_down" && !error.transient) throw explainExchange(error, options, "device");
      intervalSeconds += 5;
      return undefined;
    }
  }

  return {
    userCode: device.userCode,
    verificationUri: device.verificationUri,
    ...(device.verificationUriComplete && { verificationUriComplete: device.verificationUriComplete }),
    expiresAt,
    get intervalSeconds() {
      return intervalSeconds;
    },
    poll,
    async wait(signal) {
      for (;;) {
        await context.sleep(intervalSeconds * 1000, signal);
        const connected = await poll(signal);
        if (connected) return connected;
      }
    },
  };
}

/** Starts the flow; what the caller gets waits for its person no longer than the client lives. */
export async function deviceAuthorization(
  parts: AccountParts,
  options: DeviceAuthorizationOptions,
  { use, useUntilClosed }: Lifetime,
  show: (record: AccountRecord) => Promise<ConnectedAccount>,
): Promise<DeviceAuthorization> {
  const flow = await startDeviceFlow(parts, options);
  return {
    userCode: flow.userCode,
    verificationUri: flow.verificationUri,
    ...(flow.verificationUriComplete && { verificationUriComplete: flow.verificationUriComplete }),
    expiresAt: new Date(flow.expiresAt).toISOString(),
    get intervalSeconds() {
      return flow.intervalSeconds;
    },
    poll: ({ signal } = {}) =>
      use(async () => {
        const record = await flow.poll(signal);
        return record && (await show(record));
      }, signal),
    wait: ({ signal } = {}) => useUntilClosed(async (either) => await show(await flow.wait(either)), signal),
  };
}
