import { because, says, type Rule } from "../refused-call.js";

/** Maintenance mode, or a secondary site. Which status it has depends on the kind of write. */
export const isMaintained = says(/read-only|maintenance mode/i);

export const takesNoChanges: Rule["finding"] = (body) => ({
  code: "gitlab_unavailable",
  message: `GitLab takes no changes at the moment${because(body)}`,
  hint: "Nothing was changed. Call again when the maintenance is over.",
  retryable: true,
});
