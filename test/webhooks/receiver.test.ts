import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { GitLabToolError } from "gitlab-agent-tools";
import { MemoryStore } from "../../src/stores/memory-store.js";
import {
  createSigningToken,
  createWebhookReceiver,
  signWebhook,
  toNodeHandler,
  type SignedWebhook,
  type WebhookReceiver,
  type WebhookReceiverOptions,
} from "gitlab-agent-tools/webhooks";

const token = "a secret that only GitLab knows";
const signing = createSigningToken();
const project = { id: 7, name: "App", path_with_namespace: "acme/app", web_url: "https://gitlab.com/acme/app" };
const ada = { id: 1, username: "ada", name: "Ada" };
const issue = {
  object_kind: "issue",
  user: ada,
  project,
  object_attributes: {
    id: 900,
    iid: 3,
    title: "Crash",
    description: "@ben please look",
    state: "opened",
    action: "open",
  },
};

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A receiver behind Node's own server, and how to deliver to it. */
async function served(options: WebhookReceiverOptions) {
  const receiver = createWebhookReceiver(options);
  const server = createServer((incoming, outgoing) => void toNodeHandler(receiver)(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => new Promise((resolve) => server.close(() => resolve())));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`;
  const handled = vi.fn();
  receiver.on("*", (event) => void handled(event.kind, event.action));
  const deliver = async (delivery: SignedWebhook, change: Record<string, string | undefined> = {}) => {
    const headers = Object.entries({ ...delivery.headers, ...change });
    const sent = Object.fromEntries(headers.filter((entry): entry is [string, string] => entry[1] !== undefined));
    const response = await fetch(url, { ...delivery, headers: sent });
    return [response.status, ((await response.json()) as { outcome: string }).outcome];
  };
  return { receiver, deliver, handled };
}

/** Why a receiver refuses a delivery. */
async function reason(receiver: WebhookReceiver, delivery: SignedWebhook): Promise<unknown> {
  const error: unknown = await receiver.verify(new Request("https://a.example/", delivery)).catch((it: unknown) => it);
  return error instanceof GitLabToolError ? error.details?.["reason"] : undefined;
}

test("the signature is the one of Standard Webhooks", () => {
  // https://github.com/standard-webhooks/standard-webhooks: the example of its reference libraries.
  const { headers } = signWebhook({
    secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    timestamp: new Date(1_614_265_330_000),
    body: '{"test": 2432232314}',
  });
  expect(headers["webhook-signature"]).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
});

describe.each([
  ["a secret token", token],
  ["a signing token", signing],
])("with %s", (_, secret) => {
  test("a delivery is handled once, and its repetitions are dropped", async () => {
    const { deliver, handled } = await served({ secrets: secret });
    const delivery = signWebhook({ secret, body: issue });
    expect(await deliver(delivery)).toEqual([200, "handled"]);
    expect(await deliver(delivery)).toEqual([200, "duplicate"]);
    expect(handled.mock.calls).toEqual([["issue", "open"]]);
  });

  test("two attempts at the same moment are one", async () => {
    const { deliver, handled } = await served({ secrets: secret });
    const delivery = signWebhook({ secret, body: issue });
    const outcomes = await Promise.all([deliver(delivery), deliver(delivery), deliver(delivery)]);
    expect(outcomes.map(([, outcome]) => outcome).sort()).toEqual(["duplicate", "duplicate", "handled"]);
    expect(handled).toHaveBeenCalledTimes(1);
  });

  test("a forged one is refused", async () => {
    const { deliver, handled } = await served({ secrets: secret });
    const other = secret === token ? "guessed" : createSigningToken();
    expect(await deliver(signWebhook({ secret: other, body: issue }))).toEqual([401, "forged"]);
    expect(handled).not.toHaveBeenCalled();
  });

  test("one without any proof is refused", async () => {
    const { deliver } = await served({ secrets: secret });
    const bare = { "x-gitlab-token": undefined, "webhook-signature": undefined };
    expect(await deliver(signWebhook({ secret, body: issue }), bare)).toEqual([401, "unsigned"]);
  });

  test.each([-301, 301])("one that is %i seconds off is refused as late", async (seconds) => {
    const { deliver } = await served({ secrets: secret, now: () => 1_800_000_000_000 });
    const timestamp = new Date(1_800_000_000_000 + seconds * 1000);
    expect(await deliver(signWebhook({ secret, body: issue, timestamp }))).toEqual([401, "late"]);
  });

  test("a new secret is added, the old one taken away, and no delivery is lost", async () => {
    const next = secret === token ? "the next secret" : createSigningToken();
    let secrets = [secret];
    const { deliver } = await served({ secrets: () => secrets });
    expect(await deliver(signWebhook({ secret, body: issue }))).toEqual([200, "handled"]);
    secrets = [secret, next];
    expect(await deliver(signWebhook({ secret, body: issue }))).toEqual([200, "handled"]);
    expect(await deliver(signWebhook({ secret: next, body: issue }))).toEqual([200, "handled"]);
    secrets = [next];
    expect(await deliver(signWebhook({ secret: next, body: issue }))).toEqual([200, "handled"]);
    expect(await deliver(signWebhook({ secret, body: issue }))).toEqual([401, "forged"]);
  });
});

describe("a signature", () => {
  const receiver = createWebhookReceiver({ secrets: [signing, token] });

  test.each(["webhook-id", "webhook-timestamp"])("covers %s", async (header) => {
    const delivery = signWebhook({ secret: signing, body: issue });
    const value = header === "webhook-id" ? "another" : String(Number(delivery.headers[header]) + 1);
    expect(await reason(receiver, { ...delivery, headers: { ...delivery.headers, [header]: value } })).toBe("forged");
  });

  test("covers the body, and the bytes of it", async () => {
    const delivery = signWebhook({ secret: signing, body: issue });
    expect(await reason(receiver, { ...delivery, body: `${delivery.body} ` })).toBe("forged");
  });

  test("that does not hold is not made good by a token", async () => {
    const delivery = signWebhook({ secret: [createSigningToken(), token], body: issue });
    expect(await reason(receiver, delivery)).toBe("forged");
  });

  test("cannot be left out where there is a signing token, unless that is allowed", async () => {
    const delivery = signWebhook({ secret: token, body: issue });
    expect(await reason(receiver, delivery)).toBe("unsigned");
    const moving = createWebhookReceiver({ secrets: [signing, token], allowUnsigned: true });
    const event = await moving.verify(new Request("https://a.example/", delivery));
    expect(event.delivery.signed).toBe(false);
  });

  test("is one of several where the sender rotates", async () => {
    const delivery = signWebhook({ secret: [createSigningToken(), signing], body: issue });
    const event = await receiver.verify(new Request("https://a.example/", delivery));
    expect(event.delivery).toMatchObject({ signed: true, event: "Issue Hook", instance: "https://gitlab.com" });
  });
});

test("an instance that names no delivery is known by hook, event and payload", async () => {
  const { deliver } = await served({ secrets: token });
  const delivery = signWebhook({ secret: token, body: issue });
  const older = { "webhook-id": undefined, "idempotency-key": undefined, "webhook-timestamp": undefined };
  expect(await deliver(delivery, older)).toEqual([200, "handled"]);
  expect(await deliver(delivery, older)).toEqual([200, "duplicate"]);
});

test("a delivery whose handler fails can be sent again", async () => {
  const onError = vi.fn();
  const { receiver, deliver } = await served({ secrets: token, onError });
  const stop = receiver.on("issue", () => Promise.reject(new Error("the database is away")));
  const delivery = signWebhook({ secret: token, body: issue });
  expect(await deliver(delivery)).toEqual([500, "failed"]);
  expect(onError).toHaveBeenCalledTimes(1);
  stop();
  expect(await deliver(delivery)).toEqual([200, "handled"]);
});

test("with waitUntil the answer does not wait for the handlers", async () => {
  const receiver = createWebhookReceiver({ secrets: token });
  let finish = (): void => undefined;
  receiver.on("issue", () => new Promise<void>((resolve) => (finish = resolve)));
  const work: Promise<unknown>[] = [];
  const request = new Request("https://a.example/", signWebhook({ secret: token, body: issue }));
  const response = await receiver.handle(request, { waitUntil: (promise) => void work.push(promise) });
  expect(response.status).toBe(202);
  finish();
  expect(await work[0]).toBe(true);
});

test("what cannot be read is refused, and never quoted", async () => {
  const { deliver } = await served({ secrets: token, maxBytes: 1000 });
  expect(await deliver(signWebhook({ secret: token, body: "not JSON" }))).toEqual([400, "unreadable"]);
  expect(await deliver(signWebhook({ secret: token, body: "[]" }))).toEqual([400, "unreadable"]);
  expect(await deliver(signWebhook({ secret: token, body: { text: "x".repeat(1000) } }))).toEqual([400, "unreadable"]);
  const get = await createWebhookReceiver({ secrets: token }).handle(new Request("https://a.example/"));
  expect([get.status, get.headers.get("allow")]).toEqual([405, "POST"]);
});

test("processes on one store handle a delivery once between them, and forget it in time", async () => {
  const store = new MemoryStore();
  let now = 1_800_000_000_000;
  const options = { secrets: token, store, now: () => now };
  const [one, other] = [createWebhookReceiver(options), createWebhookReceiver(options)];
  const handled = vi.fn();
  for (const receiver of [one, other]) receiver.on("issue", () => void handled());
  const outcome = async (receiver: WebhookReceiver, id: string): Promise<unknown> => {
    const delivery = signWebhook({ secret: token, body: issue, id, timestamp: new Date(now) });
    return ((await (await receiver.handle(new Request("https://a.example/", delivery))).json()) as { outcome: string })
      .outcome;
  };
  const outcomes = await Promise.all([one, other, one, other].map((receiver) => outcome(receiver, "d1")));
  expect(outcomes.sort()).toEqual(["duplicate", "duplicate", "duplicate", "handled"]);
  now += 86_399_000;
  expect(await outcome(other, "d1")).toBe("duplicate");
  now += 2_000;
  expect(await outcome(other, "d1")).toBe("handled");
  expect(handled).toHaveBeenCalledTimes(2);
});

test.each<[string, object]>([
  ["secrets", { secrets: 7 }],
  ["secrets", { secrets: [token, undefined] }],
  ["secrets", { secrets: "whsec_short" }],
  ["secret", { secret: "misspelled", secrets: "x" }],
  ["connectionName", { secrets: "x", connectionName: undefined }],
  ["gitlab", { secrets: "x", gitlab: undefined }],
  ["rememberSeconds", { secrets: "x", rememberSeconds: 10 }],
])("options that cannot work are refused: %s", (name, options) => {
  const create = (): unknown => createWebhookReceiver(options as WebhookReceiverOptions);
  expect(create).toThrow(name);
});

test.each([{ secrets: undefined }, { secrets: "" }, { secrets: [] }, { secrets: [token, ""] }])(
  "without a secret (%j) the module loads, as a build needs it to, and every delivery is refused",
  async ({ secrets }) => {
    const errors: unknown[] = [];
    const onError = (error: unknown): void => void errors.push(error);
    const receiver = createWebhookReceiver({ secrets, onError });
    const { headers, body } = signWebhook({ secret: token, body: { object_kind: "push" } });
    const answer = await receiver.handle(new Request("https://a.example/", { method: "POST", headers, body }));
    expect(answer.status).toBe(500);
    expect(await answer.json()).toEqual({ outcome: "failed" });
    expect(errors).toMatchObject([{ code: "invalid_input" }]);
    expect(String(errors[0])).toContain("secrets");
  },
);

test("a handler for what GitLab does not send is refused, naming what it sends", () => {
  const receiver = createWebhookReceiver({ secrets: token });
  expect(() => receiver.on("merge_requests" as "merge_request", () => undefined)).toThrow(/merge_request,/);
});
