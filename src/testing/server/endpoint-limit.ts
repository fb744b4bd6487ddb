/** A limit of one endpoint, as GitLab.com has them beside the general one. */
export interface EndpointLimit {
  readonly operationId: string;
  readonly limit: number;
  readonly periodSeconds: number;
  /** Limits with the same name here count together. Default each by itself. */
  readonly shared?: string;
  /** Counts each path of the operation by itself, such as each file. Default `user`: all paths together. */
  readonly per?: "user" | "path";
}
