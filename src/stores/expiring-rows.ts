/** A row that ends by itself: of somebody who is about to sign in, of a grant, of an answer that counts once. */
export interface ExpiringRow {
  /** What it is, such as `mcp code`. */
  readonly kind: string;
  /** Unique within the kind. Where the name is a secret, its hash. */
  readonly id: string;
  /** JSON; encrypted where it is secret. A store keeps it as it is. */
  readonly value: string;
  /** Milliseconds since 1970: from then on, there is no such row. */
  readonly expiresAt: number;
  /** Identifier of the person whom it tells of, where that is to be found again: {@link RowsPage.about}. */
  readonly about?: string;
}

/** Which rows of a kind, in the order of their ids. */
export interface RowsPage {
  readonly now: number;
  /** Only rows behind this one. */
  readonly after?: string;
  /** Only rows about this person. A store may leave it aside and return all: callers look at what they get. */
  readonly about?: string;
  readonly limit: number;
}

const pageSize = 500;

/** All rows of a kind, in the order of their ids; those that are deleted meanwhile do not matter. */
export async function* pagesOf(
  rows: ExpiringRows,
  kind: string,
  now: () => number,
  { after: from, about }: Pick<RowsPage, "after" | "about"> = {},
): AsyncGenerator<ExpiringRow> {
  for (let after = from; ;) {
    const which = { ...(after !== undefined && { after }), ...(about !== undefined && { about }) };
    const page = await rows.list(kind, { now: now(), limit: pageSize, ...which });
    yield* page;
    after = page.at(-1)?.id;
    if (page.length < pageSize) return;
  }
}

/** Rows that end by themselves. Every method is atomic, also against other processes that use the same store. */
export interface ExpiringRows {
  /** `false`, and nothing changed, where there is one with this id that has not ended. */
  add(row: ExpiringRow, now: number): Promise<boolean>;
  get(kind: string, id: string, now: number): Promise<ExpiringRow | undefined>;
  /** Compare and set: `false`, and nothing changed, unless the stored value is `value`. */
  replace(row: ExpiringRow, value: string): Promise<boolean>;
  /** Deletes the row and returns it: to one caller only, ever. */
  take(kind: string, id: string, now: number): Promise<ExpiringRow | undefined>;
  list(kind: string, page: RowsPage): Promise<ExpiringRow[]>;
  /** Deletes what has ended: all, or some thousand at a time, as it is called often. */
  deleteEnded(now: number): Promise<void>;
}
