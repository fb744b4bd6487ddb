import type { AccountRecord } from "../stores/account-store.js";
import { connectGrant, explainExchange, scopesFor, type AuthorizationParts } from "./authorization.js";
import { OAuthFailure } from "./oauth-failure.js";
import { clientOf, pollDeviceGrant, requestDeviceGrant } from "./oauth.js";
import type { AccountKey } from "./types.js";

export interface DeviceAuthorizationOptions extends AccountKey {
  /** Default: the connection's. */
  readonly scopes?: readonly string[];
  /** Asks for the least scopes that these tools need, in place of `scopes`. */
  readonly tools?: readonly string[];
}

/** What the person is shown, before the flow itself is wrapped. */
export interface DeviceFlow {
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

/** Device authorization grant (RFC 8628), for people without a browser on this machine. */
export async function startDeviceFlow(
  parts: AuthorizationParts,
  options: DeviceAuthorizationOptions,
): Promise<DeviceFlow> {
  const { context, connections, registry } = parts;
  const connection = await connections.resolve(options.connectionName);
  const scopes = await scopesFor(parts, connection, options);
  // A connection that cannot authorize anybody is said to be one before it leaves a pending account behind.
  clientOf(connection);
  const account = await registry.add(options);
  const started = context.now();
  const device = await requestDeviceGrant(context, connection, scopes).catch((error: unknown) => {
    throw explainExchange(error, options);
  });
  const expiresAt = started + device.lifetimeSeconds * 1000;
  let intervalSeconds = device.intervalSeconds;

  async function poll(signal?: AbortSignal): Promise<AccountRecord | undefined> {
    if (context.now() >= expiresAt) throw explainExchange(new OAuthFailure("", { reason: "expired_token" }), options);
    const asked = context.now();
    try {
      const grant = await pollDeviceGrant(context, connection, device.deviceCode, signal);
      return await connectGrant(parts, { account, connection, grant, asked, scopes });
    } catch (error) {
      if (!(error instanceof OAuthFailure)) throw error;
      if (error.reason === "authorization_pending") return undefined;
      // Five seconds more from now on (RFC 8628, section 3.5); a server that is away is asked less often, too.
      if (error.reason !== "slow_down" && !error.transient) throw explainExchange(error, options);
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
