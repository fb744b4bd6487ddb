/** One HTTP request whose answer is under way. */
export interface OpenRequest {
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

export interface OpenRequests {
  /** How many of a session's messages are worked on. */
  count(session: string): number;
  /** `finished` is to be called when the answer has been sent, or nobody waits for it any more. */
  add(one: OpenRequest): { finished: () => void };
  /** Stops the work for one request: what the client no longer wants is aborted down to the socket. */
  cancel(owner: string, id: string | number): Promise<void>;
  /** Resolves when nothing is under way. */
  whenIdle(): Promise<void>;
}

/** The requests that this process works on. */
export function createOpenRequests(): OpenRequests {
  const open = new Set<OpenRequest>();
  const waiting = new Set<() => void>();
  const over = (): boolean => [...open].every(({ endless }) => endless);

  return {
    count: (session) =>
      [...open].reduce((sum, one) => sum + (one.session === session ? Math.max(1, one.ids.size) : 0), 0),

    add(one) {
      open.add(one);
      return {
        finished() {
          open.delete(one);
          if (!over()) return;
          for (const resolve of waiting) resolve();
          waiting.clear();
        },
      };
    },

    async cancel(owner, id) {
      for (const one of open) if (one.owner === owner && one.ids.has(id)) await one.stop();
    },

    whenIdle: () =>
      new Promise((resolve) => {
        if (over()) resolve();
        else waiting.add(resolve);
      }),
  };
}
