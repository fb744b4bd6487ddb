/** One record of a resource that the engine keeps: an environment, a schedule, a wiki page. */
export interface ResourceRecord {
  readonly id: number;
  /** Where it belongs: `projects/52710401`, `issues/81234567`, `users/4501201`. */
  readonly place: string;
  readonly authorId: number;
  readonly createdAt: Date;
  updatedAt: Date;
  /** What was written to it, by the API's own names. */
  values: Record<string, unknown>;
}

/** Every record of the resources that the engine keeps, by the names of the resources. */
export class ResourceRecords {
  readonly #collections = new Map<string, ResourceRecord[]>();
  #lastId = 4_100_100;

  /** The records of a resource, oldest first; to be read and arranged. */
  of(resource: string): ResourceRecord[] {
    const found = this.#collections.get(resource) ?? [];
    this.#collections.set(resource, found);
    return found;
  }

  in(resource: string, place: string): ResourceRecord[] {
    return this.of(resource).filter((record) => record.place === place);
  }

  add(
    resource: string,
    place: string,
    values: Readonly<Record<string, unknown>>,
    made: { readonly by: number; readonly at: Date },
  ): ResourceRecord {
    this.#lastId += 1 + (this.#lastId % 3);
    const record: ResourceRecord = {
      id: this.#lastId,
      place,
      authorId: made.by,
      createdAt: made.at,
      updatedAt: made.at,
      values: { ...values },
    };
    this.of(resource).push(record);
    return record;
  }

  remove(resource: string, record: ResourceRecord): void {
    const records = this.of(resource);
    records.splice(records.indexOf(record), 1);
  }

  /** Everything, to be saved and put back. */
  entries(): [string, ResourceRecord[]][] {
    return [...this.#collections];
  }

  /** Forgets everything of a place and of what is below it. */
  forget(place: string): void {
    for (const records of this.#collections.values()) {
      const kept = records.filter((record) => record.place !== place);
      records.splice(0, records.length, ...kept);
    }
  }
}
