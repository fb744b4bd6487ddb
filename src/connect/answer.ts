import { failureOf, type ConnectFailure } from "./failures.js";
import type { ConnectHandlerOptions } from "./options.js";
import { show } from "./show.js";
import type { ConnectView } from "./view.js";

/** What a request has led to. */
export type ConnectAnswer = { readonly cookies?: readonly string[] } & (
  | { readonly view: ConnectView }
  | { readonly response: Response }
  | { readonly refusal: ConnectFailure }
  | { readonly error: unknown }
);

/** Whether a program asks, which reads JSON. */
export function wantsJson({ headers }: Request): boolean {
  const accept = headers.get("accept") ?? "";
  if (accept.includes("text/html")) return false;
  return accept.includes("application/json") || isJson(headers);
}

export const isJson = (headers: Headers): boolean => /^application\/json\b/i.test(headers.get("content-type") ?? "");

/** What holds for every answer, whoever made it: it is this person's alone, and no page of others shows it. */
const protecting: Readonly<Record<string, string>> = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "frame-ancestors 'none'",
  "X-Frame-Options": "DENY",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "same-origin",
};

/** The answer as a response: JSON for programs, the page of the options, or ours. */
export async function answerOf(
  answer: ConnectAnswer,
  request: Request,
  options: Pick<ConnectHandlerOptions, "render" | "productName" | "style"> & { readonly home: string },
): Promise<Response> {
  const made = await responseOf(answer, request, options);
  // Responses of others may be immutable.
  const response = new Response(request.method === "HEAD" ? null : made.body, made);
  for (const [name, value] of Object.entries(protecting))
    if (!response.headers.has(name)) response.headers.set(name, value);
  response.headers.append("Vary", "Accept, Cookie");
  for (const cookie of answer.cookies ?? []) response.headers.append("Set-Cookie", cookie);
  return response;
}

async function responseOf(
  answer: ConnectAnswer,
  request: Request,
  { render, productName = "This application", style, home }: Parameters<typeof answerOf>[2],
): Promise<Response> {
  if ("response" in answer) return answer.response;
  const view = viewOf(answer, home);
  if (wantsJson(request)) return asJson(view);
  const look = { productName, ...(style !== undefined && { style }) };
  return (await render?.(view, request)) ?? show(view, look);
}

function viewOf(answer: Exclude<ConnectAnswer, { readonly response: Response }>, home: string): ConnectView {
  if ("view" in answer) return answer.view;
  const failure = "refusal" in answer ? answer.refusal : failureOf(answer.error);
  // Nobody who is signed out can start again there.
  return { kind: "failed", ...failure, ...(failure.status !== 401 && { startAgain: home }) };
}

function asJson(view: ConnectView): Response {
  if (view.kind === "failed") {
    const { status, code, title, message } = view;
    return Response.json({ error: { code, title, message } }, { status });
  }
  const { instances, csrf } = view;
  return Response.json({ instances, csrf });
}
