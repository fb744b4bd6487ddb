/** A call that a person may have to agree to. */
export interface ConfirmedCall {
  readonly name: string;
  readonly input: unknown;
  /** For the person. */
  readonly title: string;
}

const longestValue = 300;

/** What the person is asked: the tool and every argument, a line each. */
export function questionOf({ name, input, title }: ConfirmedCall): string {
  const entries = typeof input === "object" && input !== null ? Object.entries(input) : [];
  const lines = entries.map(([parameter, value]) => `${parameter}: ${shortened(JSON.stringify(value) ?? "")}`);
  return [`${title}? (${name})`, ...lines].join("\n");
}

const shortened = (text: string): string =>
  text.length <= longestValue ? text : `${text.slice(0, longestValue)}… (${text.length} characters)`;
