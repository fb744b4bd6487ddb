import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { ConnectAnswer } from "./answer.js";
import { wantsJson } from "./answer.js";
import type { RequestGuard, Visit } from "./guard.js";
import { instancesFor } from "./instances.js";
import type { ConnectHandlerOptions } from "./options.js";
import { sendTo } from "./pages.js";
import type { ConnectInstance, ConnectNotice } from "./view.js";

/** What a person does on the pages. */
export interface ConnectActions {
  /** Sends the person to GitLab. */
  leave(visit: Visit, connectionName: string, returnTo: string | undefined): Promise<ConnectAnswer>;
  /** Completes what was begun there. */
  arrive(visit: Visit): Promise<{ readonly connectionName: string; readonly returnTo?: string }>;
  disconnect(visit: Visit, connectionName: string): Promise<ConnectNotice & { readonly kind: "disconnected" }>;
  /** What the page has to say, by its address: only what is so. */
  noticeIn(query: URLSearchParams, instances: readonly ConnectInstance[]): ConnectNotice | undefined;
}

type Options = Pick<ConnectHandlerOptions, "gitlab" | "connections" | "scopes" | "tools">;

const revocations = ["revoked", "failed", "kept", "none"] as const;

export function createActions(options: Options, guard: RequestGuard, home: string): ConnectActions {
  const { gitlab, scopes, tools } = options;

  /** @throws {GitLabToolError} `connection_not_found` also for what the person may not know of */
  async function instanceOf({ identifier }: Visit, connectionName: string): Promise<ConnectInstance> {
    const instances = await instancesFor(gitlab, options.connections, identifier);
    const found = instances.find((instance) => instance.connectionName === connectionName);
    if (found) return found;
    throw unknown();
  }

  return {
    async leave(visit, connectionName, returnTo) {
      const { identifier, origin, request } = visit;
      const { connectable } = await instanceOf(visit, connectionName);
      if (!connectable) throw unknown();
      const connection = await gitlab.connections.get(connectionName);
      const { link, expiresAt } = await gitlab.actions.getAuthorizationLink({
        connectionName,
        identifier,
        // An address below the pages, where the connection has none that is registered.
        ...(connection?.redirectUri === undefined && { redirectUri: `${origin}${home}/{connection}` }),
        ...(scopes && { scopes }),
        ...(tools && { tools }),
        ...(returnTo !== undefined && { returnTo }),
      });
      const state = new URL(link).searchParams.get("state") ?? "";
      const cookies = [guard.departure(visit, state)];
      return { response: wantsJson(request) ? Response.json({ link, expiresAt }) : sendTo(link), cookies };
    },

    async arrive({ request, identifier }) {
      const { connectedAccount, returnTo } = await gitlab.handleCallback(request.url, {
        expectedIdentifier: identifier,
      });
      const { connectionName } = connectedAccount;
      return { connectionName, ...(returnTo !== undefined && { returnTo }) };
    },

    async disconnect(visit, connectionName) {
      const { identifier } = visit;
      const { label } = await instanceOf(visit, connectionName);
      const deleted = await gitlab.actions
        .deleteConnectedAccount({ connectionName, identifier })
        .catch((error: unknown) => {
          // Somebody was quicker: it is as the person wants it.
          if (error instanceof GitLabToolError && error.code === "account_not_found") return undefined;
          throw error;
        });
      return { kind: "disconnected", label, revocation: deleted?.revocation ?? "none" };
    },

    noticeIn(query, instances) {
      const named = (kind: string): ConnectInstance | undefined =>
        instances.find(({ connectionName }) => connectionName === query.get(kind));
      const connected = named("connected");
      if (connected?.status === "ACTIVE") return { kind: "connected", label: connected.label };
      const gone = named("disconnected");
      const revocation = revocations.find((one) => one === query.get("revocation"));
      if (gone?.status !== "PENDING" || revocation === undefined) return undefined;
      return { kind: "disconnected", label: gone.label, revocation };
    },
  };
}

const unknown = (): GitLabToolError =>
  new GitLabToolError({ code: "connection_not_found", message: "The person may use no such connection." });
