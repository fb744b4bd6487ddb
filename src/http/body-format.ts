/**
 * How the body of a successful response is read. It is data, so that the loop that sends can read a body again which
 * broke off.
 */
export type BodyFormat =
  | { readonly as: "json" }
  | { readonly as: "nothing" }
  /** `json or text` goes by the content type, where GitLab's document declares no body. */
  | { readonly as: "text" | "json or text"; readonly part?: TextRange }
  | { readonly as: "download"; readonly saveTo?: string; readonly maxBytes?: number };

/** Which part of a text is read. */
export interface TextRange {
  /** From this line on, counted from 1. */
  readonly startLine?: number;
  /** The last lines. */
  readonly tailLines?: number;
  /** The last bytes. */
  readonly maxBytes?: number;
  /** Of a job's log: the lines that match, or those of one section. */
  readonly search?: { readonly grep?: string; readonly section?: string; readonly contextLines?: number };
}
