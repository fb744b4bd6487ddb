import { createGitLab } from "gitlab-agent-tools";
import type { AccountKey } from "../../src/accounts/types.js";
import type { ReplicaAnswer, ReplicaOrder } from "./replica-messages.js";

/** One replica of a product, of whichever version it was built with: it calls the client's methods when told to. */
const { offsetMs, ...options } = JSON.parse(process.env["REPLICA"] ?? "{}") as { offsetMs: number };
let ahead = offsetMs;
const gitlab = createGitLab({ ...options, now: () => Date.now() + ahead });

const methods: Readonly<Record<string, (params: never) => unknown>> = {
  ahead: (ms: number) => (ahead = ms),
  add: (key: AccountKey) => gitlab.actions.getOrCreateConnectedAccount(key),
  link: (key: AccountKey) => gitlab.actions.getAuthorizationLink(key),
  callback: (url: string) => gitlab.handleCallback(url),
  call: ({ identifier, count }: { identifier: string; count: number }) =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const { data } = await gitlab.executeTool({ identifier, toolName: "gitlab_current_user_get", toolInput: {} });
        return (data as { username: string }).username;
      }),
    ),
  run: async (call: { identifier: string; conversation: string; toolName: string; toolInput: object }) =>
    (await gitlab.executeTool(call)).status,
  mint: (key: AccountKey) => gitlab.createSession(key),
  verify: (token: string) => gitlab.verifySession(token),
};

process.on("message", ({ id, method, params }: ReplicaOrder) => {
  const answer = (rest: Omit<ReplicaAnswer, "id">): void => void process.send?.({ id, ...rest });
  Promise.resolve()
    .then(() => methods[method]?.(params as never))
    .then(
      (result) => answer({ result }),
      (error: unknown) => answer({ error: String(error) }),
    );
});
await gitlab.actions.listConnectedAccounts({});
process.send?.({ id: 0, result: "ready" } satisfies ReplicaAnswer);
