const fixture = (shown: string): string => `asks for what only the suite's own server has; shown by ${shown}`;
const material = fixture("`test/mcp/material.test.ts`");
const asking = fixture("`test/mcp/protocol.test.ts`, over HTTP and stdio");
const deprecated = "sampling, roots and logging are deprecated in 2026-07-28: not built";

/** Why a scenario is not applicable to a server of GitLab's tools. Whatever else fails is a fault. */
const reasons: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^\S*(?:sampling|logging|list-roots)/, deprecated],
  [/^resources-(?:un)?subscribe/, "resources are not watched: GitLab tells of changes by webhooks"],
  [/^tools-call-with-progress/, fixture("`test/mcp/http.test.ts` and `test/mcp/protocol.test.ts` (progress)")],
  [/^tools-call-image|^tools-call-mixed/, fixture("`test/adapters` (images of repositories)")],
  [/^tools-call-(?:audio|embedded-resource)/, "no tool answers with audio or a resource"],
  [/^\S*elicitation|^input-required/, asking],
  [/^(?:prompts-get|resources-read|resources-templates)/, material],
  [/^json-schema-2020-12/, "asks for a tool of the suite's own with a schema that GitLab's tools do not need"],
  [/^http-custom-header/, "no parameter of a tool is sent as a header (`x-mcp-header`)"],
  [/^server-sse-polling/, "there is no stream to come back to: each answer is complete in its response"],
  [/^server-stateless .*'test_missing_capability'/, deprecated],
  [/^tasks|^sep-2640/, "an extension that is not spoken"],
];

/** The reason for all failures of a scenario; `undefined` where one of them has none. */
export function reasonFor(scenario: string, failed: readonly string[]): string | undefined {
  const found = failed.map((failure) => reasons.find(([pattern]) => pattern.test(`${scenario} ${failure}`))?.[1]);
  return found.every((reason) => reason !== undefined) ? found[0] : undefined;
}
