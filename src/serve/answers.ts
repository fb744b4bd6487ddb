import type { AccountKey } from "../accounts/types.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { httpErrors, toHttpError } from "../errors/http-errors.js";
import { errorCodes, type ErrorCode } from "../errors/codes.js";
import type { ApiKey } from "./api-keys.js";
import { shownIdentifier } from "./bounds.js";

/** An error as it is answered: `errorDetail` of the schemas. */
export type ErrorShape = {
  readonly code: ErrorCode | "invalid_api_key";
  readonly message: string;
  readonly hint?: string;
  readonly retryable: boolean;
  readonly status?: number;
  readonly tool_name?: string;
  readonly request_id?: string;
  readonly details?: Record<string, unknown>;
};

/** An answer before it is a response: it may be kept, and given again. */
export interface GatewayAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** For logs. */
  readonly code?: string;
  /** The same request may be sent again: nothing of this answer is kept. */
  readonly retryable?: boolean;
}

const always = {
  "Content-Type": "application/json",
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
} as const;

export const responseOf = (
  { status, body, headers }: GatewayAnswer,
  more: Readonly<Record<string, string>> = {},
): Response => new Response(body, { status, headers: { ...always, ...headers, ...more } });

export const success = (value: unknown): GatewayAnswer => ({ status: 200, body: JSON.stringify(value) });

/** A refusal of the gateway's own, before anything is done. */
export function refuse(
  status: number,
  error: Omit<ErrorShape, "retryable"> & { readonly retryable?: boolean },
  headers: Readonly<Record<string, string>> = {},
): GatewayAnswer {
  const { code, retryable = false } = error;
  return { status, body: JSON.stringify({ error: { ...error, retryable } }), headers, code, retryable };
}

/** Whose request an error answers. */
export interface ErrorContext {
  readonly apiKey: ApiKey;
  readonly account?: AccountKey | undefined;
}

/** How a person comes to an account, for those who call no functions of ours. */
const connectHint =
  "POST /v1/account/link with the same connection_name and identifier, and have the person open the link; or POST /v1/account/token.";

const unconnected: readonly unknown[] = ["account_not_found", "account_not_connected", "account_revoked"];

const isCode = (code: unknown): code is ErrorCode => errorCodes.some((one) => one === code);

/** An error in plain data, in the words of the product: its own identifier, and what it can send next. */
export function errorShape(plain: Readonly<Record<string, unknown>>, concerned?: ErrorContext): ErrorShape {
  const { code, message, hint, retryable, status, toolName, requestId, details } = inOwnWords(plain, concerned);
  const next = unconnected.includes(code) ? connectHint : hint;
  return {
    code: isCode(code) ? code : "internal",
    message: typeof message === "string" ? message : "Something went wrong.",
    ...(typeof next === "string" && { hint: next }),
    retryable: retryable === true,
    ...(typeof status === "number" && { status }),
    ...(typeof toolName === "string" && { tool_name: toolName }),
    ...(typeof requestId === "string" && { request_id: requestId }),
    ...(typeof details === "object" && details !== null && { details: { ...details } }),
  };
}

/** The store's identifier, which begins with the product's name, becomes the product's own. */
export function inOwnWords(
  plain: Readonly<Record<string, unknown>>,
  concerned: ErrorContext | undefined,
): Record<string, unknown> {
  if (!concerned?.account || concerned.apiKey.namespace === null) return { ...plain };
  const { identifier } = concerned.account;
  const own = shownIdentifier(concerned.apiKey, identifier);
  /** As JSON in a text has it. */
  const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);
  const walk = (value: unknown): unknown => {
    if (typeof value === "string")
      return value.replaceAll(identifier, () => own).replaceAll(escaped(identifier), () => escaped(own));
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, walk(one)]));
  };
  return Object.fromEntries(Object.entries(plain).map(([name, one]) => [name, walk(one)]));
}

/** Any error as an answer. What is none of ours says nothing of itself. */
export function failure(error: unknown, concerned?: ErrorContext): GatewayAnswer {
  if (!(error instanceof GitLabToolError)) {
    return refuse(httpErrors.internal.status, {
      code: "internal",
      message: "Something went wrong in the gateway.",
      hint: "Whether it was carried out is not known. Its log says why.",
    });
  }
  const shape = errorShape(error.toJSON(), concerned);
  const { status, code, retryAfterSeconds } = toHttpError(error);
  // The store is away, and will be back.
  const away = code === "internal" && error.retryable;
  const wait = retryAfterSeconds ?? (away ? 5 : undefined);
  return {
    status: away ? 503 : status,
    body: JSON.stringify({ error: shape }),
    ...(wait !== undefined && { headers: { "Retry-After": String(Math.ceil(wait)) } }),
    code,
    retryable: error.retryable,
  };
}
