/** One HTTP request whose answer is under way. */
export interface Flight {
  /** Whose it is: the session and what its client calls itself. */
  readonly owner: string;
  readonly session: string;
  /** JSON-RPC ids that wait for an answer. */
  readonly ids: ReadonlySet<string | number>;
  /** Stops the work: nobody wants it any more. */
  readonly stop: () => Promise<void>;
  /** A stream that lasts as long as its client: nobody waits for its end. */
  readonly endless: boolean;
}

export interface Flights {
  /** How many of a session's messages are worked on. */
  count(session: string): number;
  /** `finished` is to be called when the answer has been sent, or nobody waits for it any more. */
  add(flight: Flight): { finished: () => void };
  /** Stops the work for one request: what the client no longer wants is aborted down to the socket. */
  cancel(owner: string, id: string | number): Promise<void>;
  /** Resolves when nothing is under way. */
  whenIdle(): Promise<void>;
}

/** The requests that this process works on. */
export function createFlights(): Flights {
  const flights = new Set<Flight>();
  const waiting = new Set<() => void>();
  const over = (): boolean => [...flights].every(({ endless }) => endless);

  return {
    count: (session) =>
      [...flights].reduce((sum, flight) => sum + (flight.session === session ? Math.max(1, flight.ids.size) : 0), 0),

    add(flight) {
      flights.add(flight);
      return {
        finished() {
          flights.delete(flight);
          if (!over()) return;
          for (const resolve of waiting) resolve();
          waiting.clear();
        },
      };
    },

    async cancel(owner, id) {
      for (const flight of flights) if (flight.owner === owner && flight.ids.has(id)) await flight.stop();
    },

    whenIdle: () =>
      new Promise((resolve) => {
        if (over()) resolve();
        else waiting.add(resolve);
      }),
  };
}
