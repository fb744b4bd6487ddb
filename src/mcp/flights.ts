import type { Server } from "@modelcontextprotocol/sdk/server/index.js";

/** One HTTP request whose answer is under way. */
export interface Flight {
  /** Whose it is: the session and what its client calls itself. */
  readonly owner: string;
  readonly session: string;
  /** JSON-RPC ids that wait for an answer. */
  readonly ids: ReadonlySet<string | number>;
  readonly server: Server;
}

export interface Flights {
  /** How many of a session's requests are under way. */
  count(session: string): number;
  /** `landed` is to be called when the answer has been sent, or nobody waits for it any more. */
  add(flight: Flight): { landed: () => void };
  /** Stops the work for one request: what the client no longer wants is aborted down to the socket. */
  cancel(owner: string, id: string | number): Promise<void>;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
  abortAll(): Promise<void>;
}

/** The requests that this process works on. */
export function createFlights(): Flights {
  const flights = new Set<Flight>();
  const waiting = new Set<() => void>();

  return {
    count: (session) => [...flights].filter((flight) => flight.session === session).length,

    add(flight) {
      flights.add(flight);
      return {
        landed() {
          flights.delete(flight);
          if (flights.size > 0) return;
          for (const resolve of waiting) resolve();
          waiting.clear();
        },
      };
    },

    async cancel(owner, id) {
      for (const flight of flights) if (flight.owner === owner && flight.ids.has(id)) await flight.server.close();
    },

    settled: () =>
      new Promise((resolve) => {
        if (flights.size === 0) resolve();
        else waiting.add(resolve);
      }),

    abortAll: async () => {
      await Promise.all([...flights].map(({ server }) => server.close()));
    },
  };
}
