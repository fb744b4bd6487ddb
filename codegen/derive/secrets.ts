import { merged } from "../input-type.js";
import type { OpenApiDocument, Schema } from "../openapi.js";
import type { OperationPlace } from "../parameter.js";
import type { Vocabulary } from "../vocabulary.js";
import type { Answered } from "./origin.js";
import { wordsOf } from "./path.js";

/** Fields of an answer that hold a credential: https://docs.gitlab.com/security/tokens/ */
export const secret = /(?:^|_)(?:token|secret|password|private_key|authkey)$/;

/** Names of an answer's fields that hold a credential. */
export function secretsOf(document: OpenApiDocument, schemas: readonly Schema[]): Answered<string[]> {
  const found = new Set<string>();
  const visit = (given: Schema, depth: number): void => {
    const schema = merged({ document }, given);
    if (schema.items) visit(schema.items, depth);
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      if (secret.test(name) && merged({ document }, property).type === "string") found.add(name);
      else if (depth < 2) visit(property, depth + 1);
    }
  };
  for (const schema of schemas) visit(schema, 0);
  return { value: [...found].sort(), rule: "names of credentials" };
}

/** Whether a tool makes, changes or answers credentials: agents are offered it only by name. */
export function credentialsOf(
  { path, method }: Pick<OperationPlace, "path" | "method">,
  secrets: readonly string[],
  vocabulary: Vocabulary,
): Answered<boolean> {
  const word = wordsOf(path, vocabulary).find((one) => vocabulary.credentials.includes(one.word))?.word;
  if (word !== undefined && method !== "get") return { value: true, rule: `"${word}" are credentials` };
  const value = word !== undefined && secrets.length > 0;
  return { value, rule: value ? "answers credentials" : "no credentials" };
}
