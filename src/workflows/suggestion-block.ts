import type { CommentPlace } from "./comment-place.js";
import { refused } from "./refused.js";

/**
 * A comment with a suggestion that replaces the lines it stands at. It counts from the last of them upwards.
 *
 * @see https://docs.gitlab.com/user/project/merge_requests/reviews/suggestions/#multi-line-suggestions
 */
export function withSuggestion(body: string, suggestion: string | undefined, place: CommentPlace): string {
  if (suggestion === undefined) return body;
  const { line, end_line = line, side } = place;
  if (line === undefined || end_line === undefined || side !== "new" || !("new_line" in place.position))
    throw refused(
      "A suggestion replaces lines of the new text.",
      "Give line, or quote, on the new side; leave suggestion out elsewhere.",
    );
  // A fence is longer than any in it.
  const longest = Math.max(3, ...[...suggestion.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length + 1));
  const fence = "`".repeat(longest);
  const text = suggestion === "" || suggestion.endsWith("\n") ? suggestion : `${suggestion}\n`;
  return `${body}\n\n${fence}suggestion:-${end_line - line}+0\n${text}${fence}`;
}
