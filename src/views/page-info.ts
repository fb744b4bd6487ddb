/** Where a list's page stands (GitLab documentation, "REST API pagination"). */
export interface PageInfo {
  readonly page?: number;
  readonly perPage?: number;
  /** The next page's number; absent on the last page and under keyset pagination. */
  readonly nextPage?: number;
  /** Absent above 10,000 items and under keyset pagination. */
  readonly total?: number;
  readonly totalPages?: number;
  /** Where the next page begins, for `after` of the GraphQL tools; absent on the last page. */
  readonly nextCursor?: string;
  readonly hasMore: boolean;
}
