/** A client that is given nothing but an address: it signs its person in and calls a tool. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  Client,
  StreamableHTTPClientTransport,
  UnauthorizedError,
  type OAuthClientProvider,
  type OAuthDiscoveryState,
  type StoredOAuthClientInformation,
  type StoredOAuthTokens,
} from "@modelcontextprotocol/client";

/** @param open shows a page to the person: your way to open a browser */
export async function signIn(address: string, open: (page: URL) => void | Promise<void>): Promise<Client> {
  // Where the browser comes back to.
  let cameBack: (answer: URLSearchParams) => void;
  const answer = new Promise<URLSearchParams>((resolve) => (cameBack = resolve));
  const listener = createServer((request, response) => {
    response.end("You can close this page.");
    cameBack(new URL(request.url ?? "/", "http://127.0.0.1").searchParams);
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const redirectUrl = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/callback`;

  // A real client keeps these where secrets are kept on its system.
  const kept: {
    client?: StoredOAuthClientInformation;
    tokens?: StoredOAuthTokens;
    verifier?: string;
    server?: OAuthDiscoveryState;
  } = {};
  const authProvider: OAuthClientProvider = {
    redirectUrl,
    clientMetadata: { client_name: "Example client", redirect_uris: [redirectUrl] },
    clientInformation: () => kept.client,
    saveClientInformation: (client) => void (kept.client = client),
    tokens: () => kept.tokens,
    saveTokens: (tokens) => void (kept.tokens = tokens),
    codeVerifier: () => kept.verifier ?? "",
    saveCodeVerifier: (verifier) => void (kept.verifier = verifier),
    discoveryState: () => kept.server,
    saveDiscoveryState: (server) => void (kept.server = server),
    redirectToAuthorization: open,
  };
  const connection = (): [Client, StreamableHTTPClientTransport] => [
    new Client({ name: "example", version: "1" }),
    new StreamableHTTPClientTransport(new URL(address), { authProvider }),
  ];
  try {
    const [stranger, door] = connection();
    await stranger.connect(door).catch((error: unknown) => {
      if (!(error instanceof UnauthorizedError)) throw error;
    });
    await door.finishAuth(await answer);
    const [client, transport] = connection();
    await client.connect(transport);
    return client;
  } finally {
    listener.close();
  }
}
