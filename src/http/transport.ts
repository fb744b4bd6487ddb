/** One HTTP request as it goes out. No redirect is followed, and nothing is sent twice. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** Ends sending and reading, whatever the server does. */
  readonly signal: AbortSignal;
  /** The request goes to somebody else than the instance: no client certificate is shown there. */
  readonly elsewhere?: boolean;
  /** Where to connect to instead of asking DNS again: addresses that have been checked. */
  readonly addresses?: readonly string[];
}

/** Headers of a response, by name. */
export type HeaderReader = Pick<Headers, "get" | "has">;

/** The head of a response, and its body, which has not been read. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: HeaderReader;
  readonly body: ResponseBody;
}

/** A body, decoded. Every read ends with the request's signal. It is read once, or cancelled. */
export interface ResponseBody {
  /** How many bytes it has, where the head says so. */
  readonly length: number | undefined;
  /** All of it, in one piece. Only for a length that is known. */
  whole(): Promise<Uint8Array>;
  /** As it comes. Ending the loop early cancels the rest. */
  chunks(): AsyncGenerator<Uint8Array, void, undefined>;
  /** Leaves the rest unread. Does not wait for anything. */
  cancel(): void;
}

/** Sends requests. Errors are those of the network, with the system's `code`, or the signal's reason. */
export interface Transport {
  send(request: HttpRequest): Promise<HttpResponse>;
  /** The addresses behind a host name; `undefined` where somebody else looks them up, such as a proxy. */
  resolve?(hostname: string): Promise<readonly string[] | undefined>;
}

/** What is particular about the way to one instance. */
export interface NetworkSettings {
  /** Certificates, as PEM, of authorities beside those that the system trusts. */
  readonly ca?: string | readonly string[];
  readonly clientCertificate?: ClientCertificate;
  /** URL of an HTTP proxy. */
  readonly proxy?: string;
}

/** A certificate that this side shows, and its private key, as PEM. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
  readonly passphrase?: string;
}
