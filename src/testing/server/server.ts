import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Refusal } from "./handler.js";
import type { GitLabState } from "../state/gitlab-state.js";
import type { Api, IncomingRequest, Match } from "./api.js";
import { Conditions } from "./conditions.js";
import { tokenOf } from "./authentication.js";
import { faultReply, type Fault, type Faults } from "./faults.js";
import { parseBody } from "./parameters.js";
import {
  credentialsOf,
  maxBodyBytes,
  maxRequests,
  plainHeaders,
  withoutSecrets,
  type OpenRecord,
  type RecordedRequest,
} from "./recording.js";
import { jsonReply, textReply, type Reply } from "./reply.js";
import { drop, readBody, RequestHeaders, send } from "./wire.js";

/** Another part of GitLab that answers under a path of its own, such as `/oauth/`. */
export interface Part {
  readonly matches: (path: string) => boolean;
  readonly answer: (request: IncomingRequest) => Promise<Reply> | Reply;
}

/** What a {@link GitLabServer} is made of. */
export interface ServerParts {
  readonly gitlab: GitLabState;
  /** Called before the first request is looked at: the seed waits for it. */
  readonly prepare: () => void;
  readonly api: Api;
  /** Called after every request that may have changed something, before its answer is sent. */
  readonly changed: (username: string | undefined) => void;
  readonly parts: readonly Part[];
  readonly faults: Faults;
  /** Without a slash at its end; empty for none. */
  readonly pathPrefix: string;
  readonly refuseEncodedSlashes: boolean;
}

/** Listens and answers like a GitLab instance. */
export class GitLabServer {
  readonly requests: RecordedRequest[] = [];
  readonly conditions = new Conditions();
  #server: Server | undefined;

  constructor(private readonly made: ServerParts) {}

  /** Begins to listen and gives the address on this machine, path prefix included. */
  async listen(port: number, host: string): Promise<string> {
    const server = createServer((incoming, outgoing) => {
      // Whoever has gone away is sent nothing more.
      this.#handle(incoming, outgoing).catch(() => {
        drop(outgoing);
      });
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, resolve);
    });
    const address = server.address();
    const bound = typeof address === "object" && address !== null ? address.port : port;
    return `http://127.0.0.1:${String(bound)}${this.made.pathPrefix}`;
  }

  /** Stops listening, open connections included. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    await new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
      server.closeAllConnections();
    });
  }

  async #handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { gitlab, faults, pathPrefix, api } = this.made;
    this.made.prepare();
    // The request line as it came: a parsed URL has lost `%2E%2E`, and what it stands for.
    // Sent through a proxy, it names the host as well.
    const target = (incoming.url ?? "/").replace(/^https?:\/\/[^/?#]+/i, "") || "/";
    const [fullPath = "/", ...query] = target.split("?");
    const path = stripPrefix(fullPath, pathPrefix);
    const headers = new RequestHeaders(incoming.headers);
    const record = this.#open(incoming.method ?? "GET", headers, path ?? fullPath, query.join("?"));
    const fault = faults.strike({
      method: record.method,
      path: record.path,
      operationId: record.operationId,
      username: record.username,
    });
    if (fault?.delayMs !== undefined) await sleep(fault.delayMs);
    if (fault?.reset === "before") return drop(outgoing);
    if (this.made.refuseEncodedSlashes && /%2f/i.test(fullPath)) {
      record.status = 404;
      const page = textReply(404, "<html><body><h1>Not Found</h1></body></html>", {}, "text/html");
      await send(outgoing, page, fault);
      return;
    }
    // An upload that breaks off has nobody left to answer.
    const bytes = await readBody(incoming);
    if (bytes === undefined) return drop(outgoing);
    record.bodyBytes = bytes.length;
    const contentType = headers.get("content-type") ?? undefined;
    const warnings: string[] = [];
    record.warnings = warnings;
    const request: IncomingRequest = {
      method: record.method,
      path: record.path,
      url: new URL(`${originOf(gitlab.baseUrl)}${target}`),
      headers,
      contentType,
      warnings,
      body: once(() => parseBody(contentType, bytes)),
    };
    const values = await request.body().catch(() => ({}));
    if (bytes.length <= maxBodyBytes) record.body = record.path.startsWith("/oauth/") ? withoutSecrets(values) : values;
    const before = this.conditions.remembers(record)
      ? await this.#answer({ ...request, method: "GET", body: () => Promise.resolve({}) })
      : undefined;
    const answered =
      fault?.status !== undefined
        ? faultReply(fault, fault.status)
        : path === undefined
          ? textReply(404, "<html><body><h1>404 Not Found</h1></body></html>", {}, "text/html")
          : ((await this.conditions.interfere(record, gitlab)) ?? (await this.#answer(request)));
    const reply = this.conditions.asReplicated(record, answered, gitlab.now());
    record.servedBy = servedBy(record, fault, reply, api.match(record.method, record.path));
    if (record.method !== "GET" && record.method !== "HEAD") this.made.changed(record.username);
    if (fault?.reset === "after") return drop(outgoing);
    record.status = reply.status;
    this.conditions.wrote(record, reply, before, gitlab.now());
    await send(outgoing, withCommonHeaders(reply, record.requestId, gitlab.now()), fault);
  }

  async #answer(request: IncomingRequest): Promise<Reply> {
    const { api, parts } = this.made;
    const part = parts.find((candidate) => candidate.matches(request.path));
    try {
      if (part !== undefined) return await part.answer(request);
      if (request.path.startsWith("/api/")) return await api.answer(request);
      return textReply(404, "<!DOCTYPE html><title>Not Found</title><h1>404: Page not found</h1>", {}, "text/html");
    } catch (error) {
      if (error instanceof Refusal) return jsonReply(error.status, error.body, error.headers);
      // A fault of the emulator itself: shown, since nobody looks into GitLab's logs here.
      return jsonReply(500, { message: "500 Internal Server Error", emulator: String((error as Error).stack) });
    }
  }

  #open(method: string, headers: RequestHeaders, path: string, query: string): OpenRecord {
    const { gitlab, api } = this.made;
    const token = gitlab.tokens.get(tokenOf(headers, new URLSearchParams(query)) ?? "");
    const match = api.match(method, path);
    const record: OpenRecord = {
      method,
      path,
      query,
      headers: plainHeaders(headers),
      body: {},
      status: 0,
      username: token === undefined ? undefined : gitlab.users.get(token.userId)?.username,
      credentials: credentialsOf(headers),
      servedBy: "none",
      bodyBytes: 0,
      warnings: [],
      operationId: "value" in match ? match.value.operation.operationId : undefined,
      requestId: `01${randomUUID().replaceAll("-", "").slice(0, 24).toUpperCase()}`,
      at: gitlab.now(),
    };
    this.requests.push(record);
    if (this.requests.length > maxRequests) this.requests.shift();
    return record;
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

function servedBy(record: OpenRecord, fault: Fault | undefined, reply: Reply, match: Match): OpenRecord["servedBy"] {
  if (fault?.status !== undefined) return "fault";
  const mark = reply.headers["x-emulator"];
  if (mark === "custom" || mark === "conditions" || mark === "not-declared") return mark;
  if (record.path.startsWith("/oauth/")) return "oauth";
  if (record.path.startsWith("/api/graphql")) return "graphql";
  return "value" in match ? match.value.served : "none";
}

const originOf = (baseUrl: string): string => new URL(baseUrl).origin;

function stripPrefix(path: string, prefix: string): string | undefined {
  if (prefix === "") return path;
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : undefined;
}

const withCommonHeaders = (reply: Reply, requestId: string, now: Date): Reply => ({
  ...reply,
  headers: {
    date: now.toUTCString(),
    "x-request-id": requestId,
    "x-gitlab-meta": JSON.stringify({ correlation_id: requestId, version: "1" }),
    "cache-control": "max-age=0, private, must-revalidate",
    vary: "Origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    ...reply.headers,
  },
});
