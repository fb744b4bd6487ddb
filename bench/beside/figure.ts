/** One thing that is measured, of every way that can do it. */
export interface Figure {
  readonly title: string;
  readonly unit: string;
  /** The way that is ours. */
  readonly ours: string;
  /** By way; less is better unless `more`. */
  readonly values: Readonly<Record<string, number>>;
  readonly more?: true;
  /** What ours has to hold: at most so much, or at most so many times what another way takes. */
  readonly bar?: Bar;
}

export interface Bar {
  readonly most: number;
  /** The way that `most` counts in; without it, `most` counts in the figure's unit. */
  readonly of?: string;
}

/** Figures that were measured together. */
export interface Group {
  readonly date: string;
  /** Processes that wanted a core besides, on average, before and after. */
  readonly load: readonly [number, number];
  readonly figures: readonly Figure[];
}

export interface Report {
  readonly machine: {
    readonly processor: string;
    readonly cores: number;
    readonly gigabytes: number;
    readonly system: string;
    readonly node: string;
  };
  /** Of every package that is compared. */
  readonly versions: Readonly<Record<string, string>>;
  readonly groups: Readonly<Record<string, Group>>;
}

export const figuresOf = ({ groups }: Report): Figure[] => Object.values(groups).flatMap(({ figures }) => figures);

/** The most that ours may be. */
export function limitOf({ bar, values }: Figure): number | undefined {
  if (bar === undefined) return undefined;
  return bar.of === undefined ? bar.most : bar.most * (values[bar.of] ?? Infinity);
}

export function misses(figure: Figure): boolean {
  const limit = limitOf(figure);
  const value = figure.values[figure.ours] ?? Infinity;
  return limit !== undefined && rounded(value) > rounded(limit);
}

/** As it is shown: three digits that count. */
export function rounded(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

export const show = (value: number): string => rounded(value).toLocaleString("en-US", { maximumFractionDigits: 20 });
