import { once } from "node:events";
import { connect, createServer, Socket, type AddressInfo, type Server } from "node:net";
import pg from "pg";

export interface DatabaseProxy {
  /** The database's URL, through this proxy. */
  readonly url: string;
  close(): Promise<void>;
}

async function listen(url: string, server: Server, sockets: Set<Socket>): Promise<DatabaseProxy> {
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const through = new URL(url);
  through.port = String((server.address() as AddressInfo).port);
  return {
    url: through.href,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** A way to the database on which everything may stop: connections stay open and nobody answers. */
export async function startFreezingProxy(url: string): Promise<DatabaseProxy & { freeze(): void; thaw(): void }> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let frozen = false;
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect(Number(port), hostname);
    sockets.add(upstream);
    client.pipe(upstream).pipe(client);
    client.once("close", () => upstream.destroy());
    upstream.once("close", () => client.destroy());
    upstream.on("error", () => client.destroy());
    if (frozen) for (const socket of [client, upstream]) socket.pause();
  });
  const proxy = await listen(url, server, sockets);
  return {
    ...proxy,
    freeze() {
      frozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw() {
      frozen = false;
      for (const socket of sockets) socket.resume();
    },
  };
}

const readyForQuery = 0x5a;
const idle = 0x49;

/** Splits a stream into PostgreSQL's messages: a byte for the kind, four for the length. */
function messages(take: (message: Buffer) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 5 && rest.length > rest.readUInt32BE(1)) {
      const end = rest.readUInt32BE(1) + 1;
      take(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
  };
}

const message = (kind: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.write(kind);
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};

/** A connection to the server that is logged in, as raw bytes. */
async function logIn(url: string): Promise<Socket> {
  const socket = new Socket();
  const client = new pg.Client({ connectionString: url, stream: () => socket });
  client.on("error", () => undefined);
  await client.connect();
  socket.removeAllListeners("data");
  return socket;
}

/**
 * What PgBouncer does in its transaction mode: a client has a connection of the server's for one transaction, and
 * another one for the next. Start-up parameters that it cannot keep are refused.
 */
export async function startTransactionPooler(url: string): Promise<DatabaseProxy & { readonly transactions: number }> {
  const free = await Promise.all([1, 2, 3].map(() => logIn(url)));
  const waiting: ((upstream: Socket) => void)[] = [];
  let transactions = 0;
  const take = (): Promise<Socket> =>
    new Promise((resolve) => {
      const upstream = free.shift();
      if (upstream) resolve(upstream);
      else waiting.push(resolve);
    });
  const give = (upstream: Socket): void => {
    const next = waiting.shift();
    if (next) next(upstream);
    else free.push(upstream);
  };

  const server = createServer({ noDelay: true }, (client) => {
    let upstream: Promise<Socket> | undefined;
    const forward = (sent: Buffer): void => {
      if (sent[0] === "X".charCodeAt(0)) return void client.end();
      upstream ??= take().then((taken) => {
        transactions += 1;
        const onAnswer = messages((answer) => {
          client.write(answer);
          if (answer[0] !== readyForQuery || answer[5] !== idle) return;
          taken.removeListener("data", onAnswer);
          upstream = undefined;
          give(taken);
        });
        taken.on("data", onAnswer);
        return taken;
      });
      void upstream.then((taken) => taken.write(sent));
    };
    client.once("data", (startup: Buffer) => {
      if (startup.includes("statement_timeout")) {
        const text = "SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: statement_timeout\0\0";
        client.end(message("E", Buffer.from(text)));
        return;
      }
      client.on("data", messages(forward));
      const ok = message("R", Buffer.alloc(4));
      client.write(Buffer.concat([ok, message("K", Buffer.alloc(8)), message("Z", Buffer.from("I"))]));
    });
  });
  const proxy = await listen(url, server, new Set(free));
  return {
    ...proxy,
    get transactions() {
      return transactions;
    },
  };
}
