import { createHash, hkdfSync, randomBytes, randomUUID } from "node:crypto";
import {
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  inputResponse,
  type RequestStateCodec,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { GitLabParts } from "../gitlab-parts.js";
import type { ExpiringRows } from "../stores/expiring-rows.js";
import { memoryRows } from "../stores/memory-rows.js";

/** The person behind the client, as far as one request can ask them. */
export interface Person {
  /** Whether the client shows them a question. */
  readonly form: boolean;
  /** Whether the client takes them to a page. */
  readonly url: boolean;
  /** What they said to the question of that name, when the request comes back with it. */
  said(question: string): "accept" | "decline" | "cancel" | undefined;
  /** What we gave along with the question, signed by us. */
  readonly state: QuestionState | undefined;
}

/** What goes out with a question, and comes back with what was said. */
export interface QuestionState {
  /** The call: its tool and its arguments. */
  readonly call: string;
  /** Counts once. */
  readonly nonce: string;
  /** Nothing is to be confirmed any more: the question is another one. */
  readonly agreed: boolean;
}

const part = (of: unknown, name: string): unknown =>
  typeof of === "object" && of !== null ? Reflect.get(of, name) : undefined;

/** The capabilities that the client has declared: with the request since 2026-07-28, at its `initialize` before. */
function elicitationOf(server: Server, { mcpReq }: ServerContext): unknown {
  const declared = part(mcpReq.envelope, CLIENT_CAPABILITIES_META_KEY) ?? server.getClientCapabilities();
  return part(declared, "elicitation");
}

export function personOf(server: Server, ctx: ServerContext): Person {
  const elicitation = elicitationOf(server, ctx);
  const [form, url] = [part(elicitation, "form"), part(elicitation, "url")].map((mode) => mode !== undefined);
  return {
    // Without modes it is forms, as before there were others (Model Context Protocol, "Elicitation").
    form: form === true || (elicitation !== undefined && url !== true),
    url: url === true,
    said(question) {
      const response = inputResponse(ctx.mcpReq.inputResponses, question);
      return response.kind === "elicit" ? response.action : undefined;
    },
    state: ctx.mcpReq.requestState<QuestionState>(),
  };
}

/** One call, by its tool and its arguments: whatever is different in them makes it another. */
export function callHash(name: string, input: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify([name, sorted(input)]))
    .digest("base64url");
}

/** The order of an object's members says nothing. */
function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, part]) => [name, sorted(part)]),
  );
}

/** Questions that may be answered by another process than asked them. */
export interface Asking {
  /** Signs what goes out with a question. */
  seal(ctx: ServerContext, call: string, agreed: boolean): Promise<string>;
  /** What we have signed; throws for anything else. */
  open(state: string, ctx: ServerContext): Promise<QuestionState>;
  /** `true` the first time, in whichever process that is. */
  use(state: QuestionState): Promise<boolean>;
}

/** How long a person may think about it. */
const patienceSeconds = 600;
const kind = "mcp answer";

/**
 * @param owner whose calls they are: a question put to one person is not answered by another
 * @param parts of the client; without them the answers count in this process only
 */
export function createAsking(owner: string, parts?: GitLabParts): Asking {
  const rows: ExpiringRows = parts?.store.rows ?? memoryRows();
  const now = parts?.now ?? Date.now;
  const secrets = parts?.keys.map((key) => Buffer.from(key.trim(), "base64")) ?? [randomBytes(32)];
  let made: readonly RequestStateCodec<QuestionState>[] | undefined;
  // Servers are made for every request, and few requests ask anything.
  const codecs = (): readonly RequestStateCodec<QuestionState>[] =>
    (made ??= secrets.map((secret) => {
      // A key of our own that tells nothing about the encryption key it comes from (HKDF, RFC 5869).
      const key = new Uint8Array(hkdfSync("sha256", secret, "", "gitlab-agent-tools mcp answer v1", 32));
      return createRequestStateCodec({ key, ttlSeconds: patienceSeconds, bind: () => owner });
    }));

  return {
    async seal(ctx, call, agreed) {
      const [codec] = codecs();
      if (!codec) throw new TypeError("Questions need a key.");
      return await codec.mint({ call, nonce: randomUUID(), agreed }, ctx);
    },
    async open(state, ctx) {
      let failure: unknown;
      for (const codec of codecs()) {
        try {
          return await codec.verify(state, ctx);
        } catch (error) {
          failure = error;
        }
      }
      throw failure;
    },
    async use({ nonce }) {
      await parts?.ready();
      parts?.cleanup.wrote();
      const at = now();
      // Twice as long as the answer can arrive.
      return await rows.add({ kind, id: nonce, value: "", expiresAt: at + patienceSeconds * 2000 }, at);
    },
  };
}
