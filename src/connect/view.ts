import type { AccountStatus, ConnectedAccount } from "../accounts/types.js";

/** An instance that a person may connect, and how it stands with them. */
export interface ConnectInstance {
  readonly connectionName: string;
  readonly baseUrl: string;
  /** Host and path of the instance, for people. */
  readonly label: string;
  /** `PENDING` until the person has connected. */
  readonly status: AccountStatus;
  /** Who the person is there, once connected. */
  readonly gitlabUser?: ConnectedAccount["gitlabUser"];
  readonly scopes: readonly string[];
  /** ISO 8601; when the access token ends, where GitLab tells. It is renewed by itself. */
  readonly expiresAt?: string;
  /** Whether there is an OAuth application to connect with. */
  readonly connectable: boolean;
}

/** What has just happened, for the person. */
export type ConnectNotice =
  | { readonly kind: "connected"; readonly label: string }
  /** `revocation`: what became of the token at GitLab. */
  | {
      readonly kind: "disconnected";
      readonly label: string;
      readonly revocation: "revoked" | "failed" | "kept" | "none";
    };

/** What a page shows. There may come more kinds, and more members. */
export type ConnectView =
  | {
      readonly kind: "instances";
      readonly identifier: string;
      readonly instances: readonly ConnectInstance[];
      /** Where forms are posted to: `csrf`, `connection`, `action` (`connect` or `disconnect`), and `return_to`. */
      readonly postTo: string;
      readonly csrf: string;
      /** Where the person is sent once connected; checked. */
      readonly returnTo?: string;
      readonly notice?: ConnectNotice;
    }
  | {
      readonly kind: "failed";
      /** The HTTP status. */
      readonly status: number;
      /** Why, for programs. */
      readonly code: string;
      readonly title: string;
      /** Why, and what to do, for people. */
      readonly message: string;
      /** The page to start again from; absent where nothing can be done there. */
      readonly startAgain?: string;
    };
