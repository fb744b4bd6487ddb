import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { createGitLab, GitLabToolError, type AccountEvent } from "gitlab-agent-tools";
import {
  createAccountWebhook,
  createSigningToken,
  type AccountWebhook,
  type AccountWebhookOptions,
} from "gitlab-agent-tools/webhooks";
import { Webhook } from "standardwebhooks";
import { expect, onTestFinished, test } from "vitest";
import { listen } from "../support/connect.js";
import { emulated } from "../support/emulated.js";

interface Received {
  readonly id: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

type Answer = (response: ServerResponse, attempt: number, request: IncomingMessage) => void;

/** An endpoint that keeps what it gets. */
async function endpoint(answer: Answer = (response) => void response.writeHead(204).end()) {
  const received: Received[] = [];
  const url = await listen(
    createServer((request, response) => {
      void text(request).then((body) => {
        const headers = request.headers as Record<string, string>;
        received.push({ id: headers["webhook-id"] ?? "", headers, body });
        answer(response, received.length, request);
      });
    }),
  );
  return { url: `${url}/hooks?key=in-the-address`, received };
}

function webhook(url: string, options: Partial<AccountWebhookOptions> = {}) {
  const secret = createSigningToken();
  const errors: { error: GitLabToolError; event: AccountEvent }[] = [];
  const onError = (error: GitLabToolError, event: AccountEvent) => void errors.push({ error, event });
  const made = createAccountWebhook({ url, secret, firstRetryMs: 1, onError, ...options });
  onTestFinished(() => made.close({ graceMs: 0 }));
  return { webhook: made, secret, errors };
}

const eventOf = (id: string, type: Exclude<AccountEvent["type"], "refresh_failed"> = "connected"): AccountEvent => {
  const at = "2026-11-27T10:00:00.000Z";
  const [connectionName, baseUrl] = ["gitlab", "https://gitlab.com"];
  const account = { id, connectionName, identifier: `user_${id}`, baseUrl, scopes: [], createdAt: at, updatedAt: at };
  return { type, at, account: { ...account, status: "ACTIVE" } };
};

test("an account's life arrives in order, signed as the official library wants it, and without a token", async () => {
  const { url, received } = await endpoint();
  const { webhook: hook, secret, errors } = webhook(url);
  const place = await emulated({ onAccountEvent: hook });
  await place.authorize("ben");
  place.emulator.oauth.revoke("ben");
  const call = { identifier: "user_ben", toolName: "gitlab_current_user_get", toolInput: {} } as const;
  await expect(place.gitlab.executeTool(call)).rejects.toMatchObject({ code: "account_revoked" });
  await place.gitlab.actions.deleteConnectedAccount({ identifier: "user_ben" });
  await place.gitlab.close();
  await hook.close();
  const verifier = new Webhook(secret);
  const messages = received.map(({ headers, body }) => verifier.verify(body, headers)) as {
    type: string;
    timestamp: string;
    data: { account: { identifier: string } };
  }[];
  const of = (who: string) =>
    messages.filter(({ data }) => data.account.identifier === who).map(({ type }) => type.replace("account.", ""));
  expect(of("user_ben")).toEqual(["created", "connected", "revoked", "deleted"]);
  expect(of("user_ada")).toEqual(["created", "connected"]);
  expect(messages.every(({ timestamp }) => Date.parse(timestamp) > 0)).toBe(true);
  const all = received.map(({ body }) => body).join("\n");
  for (const token of place.emulator.state.tokens.keys()) expect(all).not.toContain(token);
  expect(errors).toEqual([]);
});

test("what fails is sent again under the same id, signed anew for its own time, by every secret there is", async () => {
  const { url, received } = await endpoint((response, attempt, { socket }) => {
    if (attempt === 1) response.writeHead(503).end();
    else if (attempt === 2) socket.destroy();
    else response.writeHead(attempt === 3 ? 404 : 200).end();
  });
  const secrets = [createSigningToken(), createSigningToken()];
  let now = Date.now() - 60_000;
  const { webhook: hook, errors } = webhook(url, { secret: secrets, now: () => (now += 2_000) });
  hook(eventOf("a"));
  await hook.settled();
  expect(errors).toEqual([]);
  expect(received).toHaveLength(4);
  expect(new Set(received.map(({ id }) => id)).size).toBe(1);
  expect(new Set(received.map(({ headers }) => headers["webhook-timestamp"])).size).toBe(4);
  for (const secret of secrets)
    for (const { headers, body } of received) expect(new Webhook(secret).verify(body, headers)).toBeDefined();
});

test("gives up after its attempts, at 410, and where it is sent elsewhere; says so without the address's secrets", async () => {
  const stranger = await endpoint();
  for (const [status, attempts] of [
    [500, 3],
    [410, 1],
    [302, 1],
  ] as const) {
    const { url, received } = await endpoint(
      (response) => void response.writeHead(status, { location: stranger.url }).end(),
    );
    const { webhook: hook, errors } = webhook(url, { attempts: 3 });
    hook(eventOf("a"));
    await hook.settled();
    expect(received).toHaveLength(attempts);
    expect(errors).toMatchObject([{ error: { code: "network_error", details: { status, accountId: "a" } } }]);
    expect(JSON.stringify(errors)).not.toMatch(/in-the-address|whsec_/);
  }
  expect(stranger.received).toEqual([]);
  const { webhook: nowhere, errors } = webhook("http://127.0.0.1:1/hooks?key=in-the-address", { attempts: 2 });
  nowhere(eventOf("a"));
  await nowhere.settled();
  expect(errors).toHaveLength(1);
  expect(errors[0]?.error.message).not.toContain("in-the-address");
});

test("nobody waits for an endpoint that does not answer; what waits is bounded, and ends with close", async () => {
  const { url, received } = await endpoint(() => undefined);
  const { webhook: hook, errors } = webhook(url, { maxWaiting: 3 });
  const place = await emulated({ onAccountEvent: hook });
  // ada is connected: created, connected; and calls go on.
  const call = { identifier: "user_ada", toolName: "gitlab_current_user_get", toolInput: {} } as const;
  expect((await place.gitlab.executeTool(call)).data.username).toBe("ada");
  await expect.poll(() => received.length).toBe(1);
  for (const id of ["a", "b", "c"]) hook(eventOf(id));
  await expect.poll(() => errors.length).toBe(2);
  expect(errors.map(({ event }) => event.account.id)).toEqual(["b", "c"]);
  await hook.close({ graceMs: 0 });
  hook(eventOf("late"));
  await expect.poll(() => errors.at(-1)?.error.message).toContain("the webhook is closed");
});

test("accounts do not wait for each other, and one account's events stay in order", async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((done) => (release = done));
  let first: string | undefined;
  const { url, received } = await endpoint((response) => {
    const { data } = JSON.parse(received.at(-1)?.body ?? "") as { data: { account: { id: string } } };
    first ??= data.account.id;
    const answer = (): void => void response.writeHead(200).end();
    if (data.account.id === first) void held.then(answer);
    else answer();
  });
  const { webhook: hook } = webhook(url);
  const ids = Array.from({ length: 12 }, (_, index) => `account-${index}`);
  for (const type of ["connected", "refreshed", "deleted"] as const) for (const id of ids) hook(eventOf(id, type));
  await expect.poll(() => received.length, { timeout: 20_000 }).toBeGreaterThan(12);
  release();
  await hook.settled();
  const seen = received.map(({ body }) => JSON.parse(body) as { type: string; data: { account: { id: string } } });
  for (const id of ids)
    expect(seen.filter(({ data }) => data.account.id === id).map(({ type }) => type)).toEqual([
      "account.connected",
      "account.refreshed",
      "account.deleted",
    ]);
});

test("only the events that are wanted are sent; a refresh that failed says why", async () => {
  const { url, received } = await endpoint();
  const { webhook: hook } = webhook(url, { types: ["refresh_failed"] });
  const error = new GitLabToolError({ code: "gitlab_unavailable", message: "GitLab is away.", retryable: true });
  const { account, at } = eventOf("a");
  hook(eventOf("a"));
  hook({ type: "refresh_failed", account, at, error });
  await hook.settled();
  expect(received.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
    {
      type: "account.refresh_failed",
      timestamp: at,
      data: { account, error: { code: "gitlab_unavailable", message: "GitLab is away.", retryable: true } },
    },
  ]);
});

const secret = createSigningToken();
test.each<[string, object]>([
  ["an address without TLS", { url: "http://hooks.example/", secret }],
  ["an address with a password", { url: "https://a:b@hooks.example/", secret }],
  ["no secret", { url: "https://hooks.example/", secret: [] }],
  ["a secret that is none", { url: "https://hooks.example/", secret: "hunter2hunter2" }],
  ["an unknown event", { url: "https://hooks.example/", secret, types: ["created", "gone"] }],
  ["an unknown option", { url: "https://hooks.example/", secret, retries: 3 }],
])("options are checked: %s", (_, options) => {
  let thrown: unknown;
  try {
    Reflect.apply(createAccountWebhook, undefined, [options]) as AccountWebhook;
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ code: "invalid_input" });
  expect(JSON.stringify(thrown)).not.toMatch(/hunter2|whsec_[A-Za-z0-9]/);
});

test("it is what onAccountEvent takes", () => {
  const hook = createAccountWebhook({ url: "https://hooks.example/", secret });
  const gitlab = createGitLab({ store: "memory:", onAccountEvent: hook });
  onTestFinished(() => gitlab.close());
  expect(typeof hook).toBe("function");
});
