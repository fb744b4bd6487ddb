import type { ClientCertificate, NetworkSettings } from "../http/transport.js";
import type { AccountKey, AccountStatus } from "../stores/account-store.js";

export type { AccountKey, AccountStatus };

/** A GitLab instance and the OAuth application registered on it. */
export interface ConnectionConfig {
  /** Default: `https://gitlab.com`. May carry a port and a path prefix. `http://` only for loopback, or with `allowHttp`. */
  readonly baseUrl?: string;
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  /**
   * Where GitLab sends people back to; absolute. `{connection}` in it becomes the connection's name. Connections to
   * different instances need different ones: `https://app.example/callback/{connection}`.
   */
  readonly redirectUri?: string;
  /** OAuth scopes asked for by default. */
  readonly scopes?: readonly string[];
  /** Allows plain `http://` to a host that is not loopback. */
  readonly allowHttp?: boolean | undefined;
  /** Which kind of instance it is. Default: `gitlab.com` for that host, otherwise `self-managed`. */
  readonly instance?: "gitlab.com" | "self-managed" | undefined;
  /** Certificates, as PEM, of authorities beside those that the system trusts: for an instance behind a company's own. */
  readonly ca?: string | readonly string[] | undefined;
  /** A certificate that calls show to the instance, and its key, as PEM. */
  readonly clientCertificate?: ClientCertificate | undefined;
  /**
   * URL of an HTTP proxy, such as `http://user:password@proxy.example:3128`. Default: what `HTTPS_PROXY`, `HTTP_PROXY`
   * and `NO_PROXY` say. It sees which instance is called, and no more of calls by HTTPS. Not for customers to set without a look at it:
   * requests go wherever it says.
   */
  readonly proxy?: string | undefined;
}

/** A connection as it may be shown: without its client secret. */
export interface Connection {
  readonly name: string;
  readonly baseUrl: string;
  readonly instance: "gitlab.com" | "self-managed";
  readonly clientId?: string;
  readonly hasClientSecret: boolean;
  readonly redirectUri?: string;
  readonly scopes: readonly string[];
  readonly allowHttp: boolean;
  /** Which settings of its own the way to the instance has; absent where it has none. */
  readonly network?: readonly (keyof NetworkSettings)[];
  /** Whether it comes from `createGitLab`'s options or was added at run time. */
  readonly source: "configuration" | "store";
}

/** One person's account on one connection. Holds no secret. */
export interface ConnectedAccount {
  readonly id: string;
  readonly connectionName: string;
  readonly identifier: string;
  readonly status: AccountStatus;
  /** Scopes that were granted; empty while unknown. */
  readonly scopes: readonly string[];
  readonly baseUrl: string;
  /** Who the token acts as; absent until connected. */
  readonly gitlabUser?: { readonly id: number; readonly username: string };
  /** ISO 8601; when the access token ends, where GitLab tells. */
  readonly expiresAt?: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** An account went from one status to another, in this process. */
export interface AccountStatusChange {
  readonly account: ConnectedAccount;
  readonly from: AccountStatus;
  readonly to: AccountStatus;
}

/** What one call needs to go out: where to, with which token. Never leaves the library. */
export interface Credentials {
  readonly baseUrl: string;
  readonly instance: "gitlab.com" | "self-managed";
  readonly token: string;
  /** Scopes that were granted; empty while unknown. */
  readonly scopes: readonly string[];
  /** The account was connected with a token that a person made. */
  readonly connectedWith?: "token";
  /** Absent where the way to the instance is the usual one. */
  readonly network?: NetworkSettings;
}
