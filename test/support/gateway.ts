import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { onTestFinished } from "vitest";
import type { GitLabOptions } from "gitlab-agent-tools";
import { createApiKeys, type ApiKeys, type KeyOptions } from "../../src/serve/api-keys.js";
import { gatewayDocument } from "../../src/serve/document.js";
import { createJournal, type EventJournal } from "../../src/serve/journal.js";
import { operations } from "../../src/serve/operations/index.js";
import { serveGateway, type GatewayServer, type ServeOptions } from "../../src/serve/serve.js";
import type { GatewayRequest } from "../../src/serve/options.js";
import { emulated, type Emulated } from "./emulated.js";

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
  readonly error: Record<string, unknown>;
}

interface Sent {
  readonly key?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RunningGateway extends Emulated {
  readonly url: string;
  readonly server: GatewayServer;
  readonly keys: ApiKeys;
  readonly requests: GatewayRequest[];
  readonly errors: unknown[];
  /** A key of the product `acme` that may do everything there, but for what is said. */
  readonly key: (limits?: Partial<KeyOptions>) => Promise<string>;
  readonly send: (method: string, path: string, sent?: Sent) => Promise<Answered>;
}

/** What each route answers, by the document: an answer that breaks it fails the test. */
const validate = new Ajv2020({ strict: false, allErrors: true, code: { optimize: false } });
formats.default(validate);
validate.addSchema({ $id: "gateway", ...gatewayDocument() });

const idOf = (method: string, path: string): string | undefined =>
  operations.find(
    (one) => one.method === method && new RegExp(`^${one.path.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path),
  )?.path;

function check(method: string, path: string, { status, body }: Answered): void {
  const route = idOf(method, path);
  const place =
    status === 200 && route !== undefined
      ? `paths/${route.replaceAll("/", "~1")}/${method.toLowerCase()}/responses/200/content/application~1json/schema`
      : "components/schemas/ErrorAnswer";
  if (status === 200 && route === undefined) return;
  const fits = validate.getSchema(`gateway#/${place}`);
  if (!fits) throw new Error(`${place} is not in the document`);
  if (!fits(body)) throw new Error(`${method} ${path}: ${JSON.stringify(fits.errors)} of ${JSON.stringify(body)}`);
}

/** A gateway in front of an emulated GitLab, for one test; `ada` is connected for the product `acme`. */
export async function gateway(
  options: Partial<ServeOptions> = {},
  client: Partial<GitLabOptions> = {},
): Promise<RunningGateway> {
  let record: EventJournal["record"] = () => Promise.resolve();
  const started = await emulated({ onAccountEvent: (event) => record(event), ...client });
  const { gitlab, emulator } = started;
  const journal = createJournal(gitlab);
  record = (event) => journal.record(event);
  const [requests, errors]: [GatewayRequest[], unknown[]] = [[], []];
  const server = await serveGateway({
    ...{ gitlab, journal },
    onError: (error) => void errors.push(error),
    onRequest: (request) => void requests.push(request),
    ...options,
  });
  onTestFinished(() => server.close({ graceMs: 0 }));
  const keys = createApiKeys(gitlab);
  const token = emulator.tokens.create({ username: "ada", scopes: ["api"] });
  await gitlab.connectWithToken({ identifier: "acme:user_ada", token });

  async function send(method: string, path: string, { key, body, headers }: Sent = {}): Promise<Answered> {
    const response = await fetch(new URL(path, server.url), {
      method,
      headers: {
        ...(key !== undefined && { Authorization: `Bearer ${key}` }),
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const read = (await response.json()) as Record<string, unknown>;
    const error = (read["error"] ?? {}) as Record<string, unknown>;
    const answered = { status: response.status, headers: response.headers, body: read, error };
    check(method, new URL(path, server.url).pathname, answered);
    return answered;
  }

  return {
    ...started,
    ...{ url: server.url, server, keys, requests, errors, send },
    async key(limits = {}) {
      const { key } = await keys.create({
        ...{ name: "test", namespace: "acme", access: "destructive", connections: ["gitlab"], expiresIn: "1d" },
        scopes: ["accounts:read", "accounts:write", "tools:execute", "sessions:write", "events:read"],
        ...limits,
      });
      return key;
    },
  };
}
