/** Something that a person has to mend, and where. */
export interface Problem {
  /** The file's name, relative to the project where it is in it. */
  readonly file: string;
  /** Counted from 1; absent where only the file is known. */
  readonly line?: number;
  readonly column?: number;
  /** JSON pointer into the document, where that says more than the line. */
  readonly pointer?: string;
  readonly message: string;
}

/** `file:line:column message`, as compilers write it and editors understand it. */
function formatProblem(problem: Problem): string {
  const { file, line, column, pointer, message } = problem;
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
  return `${place} ${pointer === undefined ? "" : `${pointer} `}${message}`;
}

/** All that is wrong with the input of a run, at once. Nothing has been written when this is thrown. */
export class ProblemsError extends Error {
  override readonly name = "ProblemsError";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map(formatProblem).join("\n"), options);
    this.problems = problems;
  }
}

/** Reports a problem of one entry, at a path within it. */
export type ReportAt = (at: readonly (string | number)[], message: string, part?: "key" | "value") => void;

/** Throws when there are problems, in the order of their places. */
export function refuse(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const sorted = [...problems].sort(
    (a, b) => compare(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
  throw new ProblemsError(sorted);
}

/** Order by code units: the same on every machine, whatever its language. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
