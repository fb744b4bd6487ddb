export interface ReplicaOrder {
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}

export interface ReplicaAnswer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}
