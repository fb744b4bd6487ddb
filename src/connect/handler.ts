import { checkReturnTo } from "../accounts/return-to.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { partsOf } from "../gitlab-parts.js";
import { createActions, type ConnectActions } from "./actions.js";
import { answerOf, wantsJson, type ConnectAnswer } from "./answer.js";
import { concernsOperators, failureOf, refusals } from "./failures.js";
import { createGuard, isFromElsewhere, misplaced, type Visit } from "./guard.js";
import { instancesFor } from "./instances.js";
import { checkConnectOptions, unusableClient, type ConnectHandlerOptions } from "./options.js";
import { sendTo } from "./pages.js";
import { readPost } from "./post.js";
import type { ConnectNotice } from "./view.js";

/** The connect pages as a `fetch` handler. `context` is passed on to `identify`. */
export type ConnectHandler<Context = unknown> = (request: Request, context?: Context) => Promise<Response>;

/**
 * The pages on which the people of your application connect GitLab: what they have, connecting, coming back from GitLab,
 * connecting again, disconnecting. One handler for any server that speaks `Request` and `Response`; `toNodeHandler` for
 * Node's own and Express. Programs that ask for `application/json` are answered with it.
 *
 * Serve it at `/connect` and everything below, and register `https://app.example/connect/NAME` as the redirect URI of each
 * connection's application. Behind a proxy, set `publicUrl` in `createGitLab`.
 *
 * @throws {GitLabToolError} `invalid_input` for options that do not fit
 * @example
 * ```ts
 * const connect = createConnectHandler({ gitlab, identify: (request) => userOf(request) });
 * app.all("/connect/*", (context) => connect(context.req.raw)); // Hono
 * ```
 */
export function createConnectHandler<Context = unknown>(
  options: ConnectHandlerOptions<Context>,
): ConnectHandler<Context> {
  checkConnectOptions(options);
  const { gitlab, path = "/connect", onError = warn } = options;
  const parts = partsOf(gitlab);
  if (!parts) throw unusableClient();
  const { publicUrl, allowedReturnOrigins } = parts;
  if (options.returnTo !== undefined) checkReturnTo(options.returnTo, allowedReturnOrigins);
  const prefix = publicUrl === undefined ? "" : new URL(publicUrl).pathname.replace(/\/+$/, "");
  const home = `${prefix}${path}`;
  const guard = createGuard(parts.keys);
  const actions: ConnectActions = createActions(options, guard, home);

  const originOf = (request: Request): string => new URL(publicUrl ?? request.url).origin;

  /** Where a page is asked to send people on to, if it may. */
  const returnToOf = (address: string | null | undefined): string | undefined =>
    address ? checkReturnTo(address, allowedReturnOrigins) : undefined;

  function signedOut(request: Request, mayRedirect: boolean): ConnectAnswer {
    const { signInUrl } = options;
    if (!mayRedirect || signInUrl === undefined || wantsJson(request)) return { refusal: refusals.signedOut };
    return { response: sendTo(typeof signInUrl === "string" ? signInUrl : signInUrl(request)) };
  }

  async function list(visit: Visit): Promise<ConnectAnswer> {
    const { searchParams } = new URL(visit.request.url);
    const { identifier } = visit;
    const returnTo = returnToOf(searchParams.get("return_to"));
    const instances = await instancesFor(gitlab, options.connections, identifier);
    const { csrf, cookie } = guard.tokenFor(visit);
    const notice = actions.noticeIn(searchParams, instances);
    return {
      view: {
        kind: "instances",
        identifier,
        instances,
        postTo: home,
        csrf,
        ...(returnTo !== undefined && { returnTo }),
        ...(notice && { notice }),
      },
      ...(cookie !== undefined && { cookies: [cookie] }),
    };
  }

  async function change(visit: Visit): Promise<ConnectAnswer> {
    if (isFromElsewhere(visit)) {
      const error = misplaced(visit);
      if (error) told(error, visit.request);
      return { refusal: refusals.forged };
    }
    const post = await readPost(visit.request);
    if (post === "too large") return { refusal: refusals.tooLarge };
    if (!post) return { refusal: refusals.notUnderstood };
    if (!guard.holds(visit, post.csrf)) return { refusal: refusals.forged };
    const { action, connection } = post;
    const returnTo = returnToOf(post.returnTo);
    if (action === "connect") return await actions.leave(visit, connection, returnTo);
    const notice = await actions.disconnect(visit, connection);
    return {
      response: wantsJson(visit.request)
        ? Response.json(notice)
        : sendTo(withNotice(home, notice, connection, returnTo)),
    };
  }

  async function back(visit: Visit, state: string): Promise<ConnectAnswer> {
    if (!guard.hasDeparted(visit, state)) return { refusal: refusals.anotherBrowser };
    const cookies = [guard.arrival(visit, state)];
    try {
      const { connectionName, returnTo } = await actions.arrive(visit);
      const next = returnTo ?? options.returnTo ?? withNotice(home, { kind: "connected" }, connectionName);
      return { response: sendTo(next), cookies };
    } catch (error) {
      return { error, cookies };
    }
  }

  async function route(request: Request, context: Context): Promise<ConnectAnswer> {
    await parts?.ready();
    const { pathname, searchParams } = new URL(request.url);
    const isRead = request.method === "GET" || request.method === "HEAD";
    if (!isRead && request.method !== "POST") return { refusal: refusals.notAllowed };
    // Whoever asks for the head alone does not see what came of it: nothing is completed for them.
    const state = request.method === "GET" ? searchParams.get("state") : null;
    const isHome = pathname.replace(/\/$/, "") === home || pathname.replace(/\/$/, "") === path;
    if (state === null && !isHome) return { refusal: refusals.notFound };
    const identifier = await options.identify(request, context);
    // A code of GitLab's is in the address of a callback: that is not taken along to another page.
    if (!identifier) return signedOut(request, isRead && state === null);
    const visit = { request, identifier, origin: originOf(request) };
    if (state !== null) return await back(visit, state);
    return isRead ? await list(visit) : await change(visit);
  }

  const told = (error: unknown, request: Request): void =>
    void Promise.resolve()
      .then(() => onError(error, request))
      .catch(warn);

  return async (request, context) => {
    const answer = await route(request, context as Context).catch((error: unknown) => ({ error }));
    if ("error" in answer && concernsOperators(failureOf(answer.error))) told(answer.error, request);
    try {
      return await answerOf(answer, request, { ...options, home });
    } catch (error) {
      // The page of the options: ours says what there is to say.
      told(error, request);
      return await answerOf(answer, request, { home });
    }
  };
}

type ConnectChange =
  | { readonly kind: "connected" }
  | Pick<ConnectNotice & { kind: "disconnected" }, "kind" | "revocation">;

/** The page, with what it has to say. */
function withNotice(home: string, change: ConnectChange, connectionName: string, returnTo?: string): string {
  const query = new URLSearchParams({ [change.kind]: connectionName });
  if (change.kind === "disconnected") query.set("revocation", change.revocation);
  if (returnTo !== undefined) query.set("return_to", returnTo);
  return `${home}?${query.toString()}`;
}

function warn(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  const hint = error instanceof GitLabToolError && error.hint !== undefined ? ` ${error.hint}` : "";
  process.emitWarning(`The connect page failed: ${text}${hint}`);
}
