import { masksSecrets, type Policy } from "../policy/policy.js";
import { toCompact } from "../views/compact.js";
import { fold } from "../views/fold.js";
import { fieldPaths, fieldsProblem } from "../views/fields.js";
import { hiddenWarnings, showHidden } from "../views/hidden-text.js";
import { maskSecrets } from "../views/secrets.js";
import { newNonce, wrapWritten } from "../views/untrusted.js";
import type { CallOptions } from "./account.js";
import type { ToolDefinition } from "../definition/definition.js";
import { invalid } from "./validate.js";

/** Whether a call's answer is shown in the compact view. */
const isCompact = ({ view, fields }: CallOptions): boolean =>
  view === "compact" || (view === undefined && fields !== undefined);

/**
 * How a call's answer is shown, and whether its secrets are hidden. `fields` alone asks for the compact view.
 *
 * @throws {GitLabToolError} `invalid_input` for `fields` that are not paths
 */
function viewer(definition: ToolDefinition, options: CallOptions, masks = false): (data: unknown) => unknown {
  const { fields } = options;
  const message = fieldsProblem(fields ?? []);
  if (message) throw invalid(definition, [{ field: "fields", message }]);
  if (!isCompact(options)) return masks ? (data) => maskSecrets(data, definition.secrets) : (data) => data;
  const paths = fieldPaths(definition.view, fields);
  const secrets = masks ? (definition.secrets ?? []) : undefined;
  return (data) => toCompact(definition, definition.graphql ? fold(data) : data, paths, secrets);
}

/** An answer as the caller gets it. */
export interface Shown {
  readonly data: unknown;
  readonly warnings: readonly string[];
}

/**
 * How the answer is shown: as it is, unless the options or a policy want something else. What agents read hides nothing
 * from people: hidden text is shown as such, or warned of where a text is quoted exactly.
 */
export function shower(
  definition: ToolDefinition,
  options: CallOptions,
  policies: readonly Policy[],
): (data: unknown) => Shown {
  const show = masker(definition, options, policies);
  if (!isCompact(options)) return (data) => ({ data: show(data), warnings: [] });
  return (whole) => {
    const data = show(showHidden(whole));
    return { data, warnings: hiddenWarnings(data) };
  };
}

function masker(
  definition: ToolDefinition,
  options: CallOptions,
  policies: readonly Policy[],
): (data: unknown) => unknown {
  const masks = masksSecrets(policies, isCompact(options));
  const wraps = policies.some(({ untrusted }) => untrusted === "wrap");
  if (!wraps) return viewer(definition, options, masks);
  // What is hidden is hidden before it is wrapped: half a key would take the marker's end along.
  const view = viewer(definition, options);
  return (data) => viewWrapped(view, masks ? maskSecrets(data, definition.secrets) : data);
}

/** The view with what people wrote marked: by GitLab's names of fields, which the view changes; a log, when it is clean. */
function viewWrapped(view: (data: unknown) => unknown, data: unknown): unknown {
  const nonce = newNonce();
  return typeof data === "string" ? wrapWritten(view(data), nonce) : view(wrapWritten(data, nonce));
}
