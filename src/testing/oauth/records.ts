/** An application that asks users for access: what an administrator registers. */
export interface ApplicationRecord {
  readonly id: number;
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUris: readonly string[];
  readonly scopes: readonly string[];
  /** Whether the application can keep its secret; others are known by their id alone. */
  readonly confidential: boolean;
}

/** What a user has agreed to, waiting to be exchanged for tokens. */
export interface CodeRecord {
  readonly code: string;
  readonly clientId: string;
  readonly userId: number;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly challenge: { readonly value: string; readonly method: string } | undefined;
  readonly expiresAt: Date;
  used: boolean;
}

/** An access token with the refresh token that replaces both. */
export interface PairRecord {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly clientId: string;
  readonly userId: number;
  /** Undefined for a device, which has none. */
  readonly redirectUri: string | undefined;
  readonly scopes: readonly string[];
  /** The code that the first pair came from: using it again revokes what it gave. */
  readonly code: string | undefined;
  revoked: boolean;
}

/** A device that waits for its user. */
export interface DeviceRecord {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly expiresAt: Date;
  state: "pending" | "approved" | "denied" | "used";
  userId: number | undefined;
  lastPolledAt: Date | undefined;
  intervalSeconds: number;
}

/** One request to the token endpoint and what came of it. */
export interface GrantAttempt {
  readonly grantType: string;
  readonly clientId: string;
  readonly username: string | undefined;
  /** `undefined` when tokens were given. */
  readonly error: string | undefined;
  readonly at: Date;
}
