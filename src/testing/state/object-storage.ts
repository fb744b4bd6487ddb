import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { randomBytes } from "node:crypto";

/** A download as the object storage saw it. */
export interface ObjectStorageRequest {
  readonly method: string;
  readonly path: string;
  /** Whether an `Authorization` header arrived: a token that followed a redirect to another origin. */
  readonly authorized: boolean;
  /** Whether a `Private-Token` header arrived, which `fetch` does not take off on a redirect. */
  readonly privateToken: boolean;
}

/** Something to download. */
export interface StoredObject {
  readonly contentType: string;
  readonly filename: string;
  readonly bytes: () => Uint8Array;
}

/**
 * The bucket that GitLab redirects downloads to: a listener of its own, on another port and so on another origin. Like
 * S3 it refuses a presigned address that comes with credentials on top, so that a leaked token does not go unnoticed.
 */
export class ObjectStorage {
  /** Everything that was asked for, oldest first. */
  readonly requests: ObjectStorageRequest[] = [];
  readonly #objects = new Map<string, StoredObject>();
  #listening: Promise<{ server: Server; origin: string }> | undefined;

  /** Makes bytes available for download and gives their presigned address. The bytes are made when asked for. */
  async presign(path: string, object: StoredObject): Promise<string> {
    this.#listening ??= this.#listen();
    const { origin } = await this.#listening;
    const url = new URL(`/gitlab-artifacts/${path}`, origin);
    url.searchParams.set("X-Amz-Algorithm", "AWS4-HMAC-SHA256");
    url.searchParams.set("X-Amz-Expires", "600");
    url.searchParams.set("X-Amz-Signature", randomBytes(16).toString("hex"));
    this.#objects.set(url.pathname + url.search, object);
    return url.href;
  }

  /** Stops listening, open connections included. */
  async close(): Promise<void> {
    const listening = await this.#listening;
    this.#listening = undefined;
    if (listening === undefined) return;
    await new Promise<void>((resolve) => {
      listening.server.close(() => {
        resolve();
      });
      listening.server.closeAllConnections();
    });
  }

  #listen(): Promise<{ server: Server; origin: string }> {
    const server = createServer((request, response) => {
      this.#answer(request, response);
    });
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", () => {
        const address = server.address();
        const port = typeof address === "object" && address !== null ? address.port : 0;
        resolve({ server, origin: `http://127.0.0.1:${String(port)}` });
      });
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const authorized = request.headers.authorization !== undefined;
    const path = request.url ?? "/";
    this.requests.push({
      method: request.method ?? "GET",
      path: path.replace(/\?.*$/, ""),
      authorized,
      privateToken: request.headers["private-token"] !== undefined,
    });
    const object = this.#objects.get(path);
    if (authorized || object === undefined) {
      response.writeHead(authorized ? 400 : 403, { "content-type": "application/xml" });
      response.end(`<Error><Code>${authorized ? "InvalidArgument" : "AccessDenied"}</Code></Error>`);
      return;
    }
    const bytes = object.bytes();
    response.writeHead(200, {
      "content-type": object.contentType,
      "content-length": String(bytes.length),
      "content-disposition": `attachment; filename="${object.filename}"`,
    });
    response.end(request.method === "HEAD" ? undefined : bytes);
  }
}
