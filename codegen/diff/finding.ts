import type { Level } from "../model.js";
import type { Problem } from "../problem.js";

/**
 * What a difference means for who uses a tool: `breaking` when calls or code that work today may not tomorrow, `review`
 * when a person has to look, `safe` when everything that works today still does.
 */
export const severities = ["breaking", "review", "safe"] as const;
export type Severity = (typeof severities)[number];

/** One difference, as it is found in a tool. */
export interface Difference {
  readonly severity: Severity;
  /** What was looked at, for programs: `parameter-removed`. */
  readonly check: string;
  /** What it is about: `parameter`, `answer field`, `operation` … */
  readonly what: string;
  /** The name of that, where there are several in a tool: a parameter's public name, a field's path. */
  readonly subject?: string;
  /** What is different, after `WHAT SUBJECT: `. */
  readonly change: string;
}

/** A line of the manifest. */
export type ManifestLine = Pick<Problem, "file" | "line" | "column">;

/** One difference between the project's tools and those that another document makes. */
export interface Finding extends Difference {
  /** Undefined for what belongs to no tool: corrections that do not fit. */
  readonly tool?: string;
  readonly level?: Level;
  /** `GET /api/v4/projects/{id}` */
  readonly operation?: string;
  /** The line of `spec/` that says something about it. */
  readonly place?: ManifestLine;
}

/** What came from a document goes to terminals and into Markdown: on one line, and no control characters. */
export function plain(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ").slice(0, 200);
}
