import { blankIssue, type IssueRecord } from "./issuable-records.js";

/** What an issue row has as a work item, beyond what the REST API shows of it. */
export interface WorkItemExtras {
  parentId: number | null;
  /** Its place among its siblings. */
  position: number;
  /** `To do`, `In progress`, `Done`, `Won't do`, `Duplicate`; undefined for the one that its state stands for. */
  status: string | undefined;
  iterationId: number | null;
  color: string;
  progress: { current: number; start: number; end: number } | null;
  /** Values of the fields that its top-level group defines, by the field's id; of a selection the chosen options. */
  readonly customFields: Map<number, CustomFieldValue>;
  lockVersion: number;
}

/** A number, a text, a date as `2026-03-10`, or the chosen options. */
export type CustomFieldValue = string | number | readonly string[];

/** An epic: a work item of a group. Its row is like an issue's, in a table of its own here. */
export interface EpicRecord extends Omit<IssueRecord, "projectId" | "issueType"> {
  readonly groupId: number;
  readonly issueType: "epic";
}

/** Anything that GitLab calls a work item. */
export type WorkItemRecord = IssueRecord | EpicRecord;

/** A rhythm of iterations. */
export interface CadenceRecord {
  readonly id: number;
  readonly groupId: number;
  title: string;
  description: string;
  durationInWeeks: number;
  readonly startDate: string;
}

/** A sprint. */
export interface IterationRecord {
  readonly id: number;
  readonly iid: number;
  readonly cadenceId: number;
  readonly sequence: number;
  readonly title: string | null;
  readonly startDate: string;
  readonly dueDate: string;
}

/** What work items have beside the rows of issues: epics, hierarchy, statuses, iterations. */
export class WorkItems {
  readonly epics: EpicRecord[] = [];
  readonly cadences: CadenceRecord[] = [];
  readonly iterations: IterationRecord[] = [];
  readonly #extras = new Map<number, WorkItemExtras>();
  #lastId = 2_300_400;

  /** What a work item has of its own, to be read and arranged. */
  extras(id: number): WorkItemExtras {
    const known = this.#extras.get(id) ?? {
      parentId: null,
      position: id,
      status: undefined,
      iterationId: null,
      color: "#1068bf",
      progress: null,
      customFields: new Map(),
      lockVersion: 0,
    };
    this.#extras.set(id, known);
    return known;
  }

  /** Forgets a deleted work item; its children have no parent any more. */
  forget(id: number): void {
    this.#extras.delete(id);
    for (const extras of this.#extras.values()) if (extras.parentId === id) extras.parentId = null;
  }

  /** The ids of what hangs under a work item, in order. */
  childrenOf(id: number): number[] {
    const children = [...this.#extras].filter(([, { parentId }]) => parentId === id);
    return children.sort(([, one], [, other]) => one.position - other.position).map(([child]) => child);
  }

  nextEpicIid(groupId: number): number {
    return 1 + Math.max(0, ...this.epics.filter((epic) => epic.groupId === groupId).map(({ iid }) => iid));
  }

  /** Adds a cadence with so many iterations, one after another from its start. */
  addCadence(cadence: Omit<CadenceRecord, "id">, iterations: number): CadenceRecord {
    const made = { ...cadence, id: (this.#lastId += 1) };
    this.cadences.push(made);
    const day = 86_400_000;
    const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
    for (let sequence = 1; sequence <= iterations; sequence += 1) {
      const start = Date.parse(made.startDate) + (sequence - 1) * made.durationInWeeks * 7 * day;
      this.iterations.push({
        id: (this.#lastId += 1),
        iid: sequence,
        cadenceId: made.id,
        sequence,
        title: null,
        startDate: dateOf(start),
        dueDate: dateOf(start + (made.durationInWeeks * 7 - 1) * day),
      });
    }
    return made;
  }
}

/** An epic that nothing has been written into yet. */
export const newEpic = (made: Pick<EpicRecord, "id" | "iid" | "groupId" | "authorId" | "createdAt">): EpicRecord => ({
  ...blankIssue(made.createdAt),
  ...made,
  issueType: "epic",
});
