import type { ResourceRecord } from "../state/resource-records.js";
import type { WorkItemRecord } from "../state/work-items.js";
import type { View } from "./view.js";

/** A reaction that is given or taken back. */
export interface AwardEmojiInput {
  readonly action: "ADD" | "REMOVE" | "TOGGLE";
  readonly name: string;
}

const placeOf = ({ id }: WorkItemRecord): string => `issues/${String(id)}`;

const given = ({ gitlab, user }: View, item: WorkItemRecord, name: string): ResourceRecord | undefined =>
  gitlab.resources
    .in("award_emoji", placeOf(item))
    .find(({ authorId, values }) => authorId === user?.id && values["name"] === name);

/** What GitLab says to a reaction that cannot be. */
export function awardEmojiProblem(view: View, item: WorkItemRecord, { action, name }: AwardEmojiInput): string[] {
  if (!/^[\w+-]+$/.test(name)) return ["Name is not a valid emoji name"];
  const mine = given(view, item, name);
  if (action === "ADD" && mine !== undefined) return ["Name has already been taken"];
  if (action === "REMOVE" && mine === undefined) {
    return [`User has not awarded emoji of type ${name} on the awardable`];
  }
  return [];
}

export function writeAwardEmoji(view: View, item: WorkItemRecord, { name }: AwardEmojiInput): void {
  const { gitlab, user } = view;
  const mine = given(view, item, name);
  if (mine !== undefined) gitlab.resources.remove("award_emoji", mine);
  else gitlab.resources.add("award_emoji", placeOf(item), { name }, { by: user?.id ?? 0, at: gitlab.now() });
}
