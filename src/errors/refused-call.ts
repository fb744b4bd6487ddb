import type { ErrorBody } from "./body.js";
import type { ErrorCode } from "./codes.js";

/** What is known of a refused call: the call, the account, and GitLab's answer. */
export interface RefusedCall {
  readonly toolName: string;
  readonly method: string;
  /** OpenAPI path template. */
  readonly path: string;
  readonly access: "read" | "write" | "destructive";
  /** Repeating the call leaves GitLab as one call would. */
  readonly idempotent: boolean;
  readonly tier?: "premium" | "ultimate";
  readonly verification?: boolean;
  /** The least access level that the action needs, where the manifest says. */
  readonly role?: number;
  readonly scopes: readonly string[];
  readonly grantedScopes: readonly string[];
  /** The account was connected with a token that a person made. */
  readonly connectedWith?: "token";
  /** The tool that finds the values of a parameter, by parameter; those of the path first. */
  readonly finders: Readonly<Record<string, string>>;
  /** Tools that help here, by what they are about. */
  readonly see?: Readonly<Record<string, string>>;
  /** The first version of GitLab that has the route. */
  readonly since?: string;
  /** The project as the call named it: a number or a path. */
  readonly project?: string;
  /** The branch that the call was to change. */
  readonly branch?: string;
  readonly iid?: { readonly parameter: string; readonly kind: "issue" | "merge_request"; readonly value: string };
  /** The tool that shows whether a create was carried out. */
  readonly check?: string;
  /** An earlier attempt of the same call got lost and may have been carried out. */
  readonly attemptLost?: boolean;
  /** What must not show in an error, should GitLab's answer repeat it. */
  readonly secrets: readonly string[];
  /** GitLab's id of the request. */
  readonly requestId?: string;
  readonly baseUrl: string;
  readonly instance: "gitlab.com" | "self-managed";
  readonly status: number;
  readonly headers: Pick<Headers, "get" | "has">;
  readonly body: string;
  /** What lookups after the refusal have found out. */
  readonly evidence?: Evidence;
}

/** Something that only another request can tell. */
export type Question =
  // The iid that the call gave may be a global id.
  | "global_id"
  | "target"
  | "access"
  | "plan"
  | "merge"
  | "file"
  // The project has another path by now.
  | "moved"
  | "numeric_id"
  | "milestone"
  // The instance's, which may be older than the route.
  | "version";

/** Answers to {@link Question}s; what could not be found out is absent. */
export interface Evidence {
  /** The iid that the call gave is the global id of this. */
  readonly globalId?: { readonly iid: string; readonly project: string; readonly sameProject: boolean };
  /** Whether the issue or merge request that the call named exists. */
  readonly targetExists?: boolean;
  /** The caller's access level in the project. */
  readonly accessLevel?: number;
  /** The namespace's plan, such as `free`. */
  readonly plan?: string;
  /** Whether the instance runs the Enterprise Edition. */
  readonly enterprise?: boolean;
  readonly merge?: MergeFacts;
  /** The file's present `last_commit_id`. */
  readonly lastCommitId?: string;
  /** The file's present `last_commit_id` is not the one that the call gave. */
  readonly fileChanged?: boolean;
  /** The milestone whose iid the call gave for its id. */
  readonly milestone?: { readonly id: number; readonly iid: string };
  /** The instance's version. */
  readonly version?: string;
  /** Where the project is now. */
  readonly project?: { readonly id: number; readonly path: string };
}

export interface MergeFacts {
  readonly detailed_merge_status?: string;
  readonly state?: string;
  readonly draft?: boolean;
  readonly has_conflicts?: boolean;
  readonly sha?: string;
}

/** What a refusal comes to. */
export interface Finding {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly retryable?: boolean;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** One row of the classifier: where everything given holds, `finding` says what happened. */
export interface Rule {
  readonly status: readonly number[] | ((status: number) => boolean);
  readonly when?: (body: ErrorBody, refusal: RefusedCall) => boolean;
  /** What is worth a lookup before this row speaks. */
  readonly asks?: readonly Question[] | ((refusal: RefusedCall) => readonly Question[]);
  readonly finding: (body: ErrorBody, refusal: RefusedCall) => Finding;
}

/** A condition on GitLab's words. */
export const says =
  (pattern: RegExp) =>
  (body: ErrorBody): boolean =>
    pattern.test(body.text);

/** GitLab's own words at the end of a sentence of ours. */
export const because = (body: ErrorBody): string => (body.text === "" ? "." : `: ${body.text.replace(/[.\s]+$/, "")}.`);

/** Whether an answer is no more than its status: `403 Forbidden`, `404 Not found`, or nothing. */
export const isBare = (body: ErrorBody): boolean =>
  body.kind !== "html" && /^(?:\d{3} )?(?:unauthorized|forbidden|not found)?[.!]?$/i.test(body.text);
