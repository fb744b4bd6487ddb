import type { GitLab } from "../../gitlab-types.js";
import type { GitLabUser } from "../../accounts/connect-grant.js";
import type { Clients } from "./clients.js";
import type { CodeRow, Grants } from "./grants.js";
import type { SealedRows } from "../../web/sealed-rows.js";
import type { ToolScope } from "./scopes.js";

/** What a client has asked for, and which browser it came with. */
export interface RequestRow {
  readonly clientId: string;
  readonly clientName: string;
  readonly redirectUri: string;
  readonly state?: string;
  readonly challenge: string;
  readonly scopes: readonly ToolScope[];
  /** Hash of the browser's cookie. */
  readonly browser: string;
}

/** A person who has agreed and was sent to GitLab, by the `state` of that. */
export interface DepartureRow extends RequestRow {
  readonly connectionName: string;
}

/** An instance that people may choose. */
export interface OfferedInstance {
  readonly name: string;
  readonly baseUrl: string;
}

/** What the steps of signing in work with. */
export interface SignInParts {
  readonly gitlab: GitLab;
  /** Where browsers reach us. */
  readonly origin: string;
  /** https://datatracker.ietf.org/doc/html/rfc8414 */
  readonly issuer: string;
  /** The MCP endpoint that tokens are for. */
  readonly resource: string;
  /** At GitLab; `{connection}` in it becomes the connection's name, so that no instance passes for another. */
  readonly callbackUri: string;
  readonly paths: { readonly authorize: string };
  /** The most that anybody may get. */
  readonly most: readonly ToolScope[];
  /** What limits it further, a line each, for the person. */
  readonly reach: readonly string[];
  readonly identify: (user: GitLabUser) => string | Promise<string>;
  readonly connections: () => Promise<readonly OfferedInstance[]>;
  readonly clients: Clients;
  readonly requests: SealedRows<RequestRow>;
  readonly departures: SealedRows<DepartureRow>;
  readonly codes: SealedRows<CodeRow>;
  readonly grants: Grants;
}
