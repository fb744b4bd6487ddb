import { parseErrorBody } from "./body.js";
import { GitLabToolError } from "./gitlab-tool-error.js";
import type { Question, Refusal, Row } from "./refusal.js";
import { accountRows } from "./table/account.js";
import { conflictRows } from "./table/conflict.js";
import { generalRows } from "./table/general.js";
import { missingRows } from "./table/missing.js";

/** First match wins; the last row takes everything. */
const rows: readonly Row[] = [...accountRows, ...missingRows, ...conflictRows, ...generalRows];

function match(refusal: Refusal): { row: Row | undefined; body: ReturnType<typeof parseErrorBody> } {
  const body = parseErrorBody(refusal.body, refusal.secrets);
  const row = rows.find(
    ({ status, when }) =>
      (typeof status === "function" ? status(refusal.status) : status.includes(refusal.status)) &&
      (when?.(body, refusal) ?? true),
  );
  return { row, body };
}

/** What is worth looking up before {@link classify} speaks; nothing in most cases. */
export function questionsAbout(refusal: Refusal): readonly Question[] {
  const asks = match(refusal).row?.asks ?? [];
  return typeof asks === "function" ? asks(refusal) : asks;
}

/** Why a call was refused, as one error. Never throws. */
export function classify(refusal: Refusal): GitLabToolError {
  const { row, body } = match(refusal);
  const finding = row?.finding(body, refusal) ?? { code: "internal", message: `GitLab answered ${refusal.status}.` };
  const requestId = requestIdOf(refusal.headers, refusal.secrets);
  return new GitLabToolError({
    ...finding,
    status: refusal.status,
    toolName: refusal.toolName,
    ...(requestId !== undefined && { requestId }),
  });
}

/** GitLab's id of the request, from its own header or from the correlation id. */
export function requestIdOf(headers: Headers, secrets: readonly string[] = []): string | undefined {
  const id = headers.get("x-request-id") || correlationId(headers.get("x-gitlab-meta"));
  if (!id || secrets.some((secret) => secret !== "" && id.includes(secret))) return undefined;
  return id.slice(0, 200);
}

function correlationId(meta: string | null): string | undefined {
  try {
    const parsed: unknown = JSON.parse(meta ?? "{}");
    if (typeof parsed !== "object" || parsed === null || !("correlation_id" in parsed)) return undefined;
    return typeof parsed.correlation_id === "string" ? parsed.correlation_id : undefined;
  } catch {
    // A header that is not JSON names no request.
    return undefined;
  }
}
