import { merged } from "../input-type.js";
import type { OpenApiDocument, Schema } from "../openapi.js";
import type { OperationPlace, WireParameter } from "../parameter.js";
import type { Vocabulary } from "../vocabulary.js";
import type { Derived } from "./origin.js";
import { wordsOf } from "./path.js";

/** Fields of an answer that hold a credential: https://docs.gitlab.com/security/tokens/ */
export const secret = /(?:^|_)(?:token|secret|password|private_key|authkey)$/;

/**
 * Whether a parameter authenticates whoever calls. In a body, a token may also be a thing's own: that of a webhook.
 * https://docs.gitlab.com/api/rest/authentication/ and, for `approval_password`, https://docs.gitlab.com/api/merge_request_approvals/
 */
export const isCallersCredential = ({ wire, in: where }: Pick<WireParameter, "wire" | "in">): boolean =>
  /^(?:job_token|private_token|access_token|approval_password)$/.test(wire) || (where === "query" && wire === "token");

/** Names of an answer's fields that hold a credential. */
export function secretsOf(document: OpenApiDocument, schemas: readonly Schema[]): Derived<string[]> {
  const found = new Set<string>();
  const visit = (part: Schema, depth: number): void => {
    const schema = merged({ document }, part);
    if (schema.items) visit(schema.items, depth);
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      if (secret.test(name) && merged({ document }, property).type === "string") found.add(name);
      else if (depth < 2) visit(property, depth + 1);
    }
  };
  for (const schema of schemas) visit(schema, 0);
  return { value: [...found].sort(), rule: "names of credentials" };
}

/** Whether a tool makes, changes, answers or demands credentials: agents are offered it only by name. */
export function credentialsOf(
  { path, method }: Pick<OperationPlace, "path" | "method">,
  wire: readonly WireParameter[],
  secrets: readonly string[],
  vocabulary: Vocabulary,
): Derived<boolean> {
  const demanded = wire.find((one) => one.required && one.in !== "path" && secret.test(one.wire));
  if (demanded) return { value: true, rule: `demands "${demanded.wire}"` };
  const word = wordsOf(path, vocabulary).find((one) => vocabulary.credentials.includes(one.word))?.word;
  if (word !== undefined && method !== "get") return { value: true, rule: `"${word}" are credentials` };
  const value = word !== undefined && secrets.length > 0;
  return { value, rule: value ? "answers credentials" : "no credentials" };
}
