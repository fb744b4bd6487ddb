import { masksSecrets, type Policy } from "../policy/policy.js";
import { toCompact, type Reading } from "../views/compact.js";
import { fold } from "../views/fold.js";
import { fieldPaths, fieldsProblem } from "../views/fields.js";
import { hasUnseen } from "../views/hidden-characters.js";
import { hiddenWarnings, showHidden, showHiddenIn } from "../views/hidden-text.js";
import { maskSecrets, maskText, type SecretFields } from "../views/secrets.js";
import { newNonce, wrapWritten } from "../views/untrusted.js";
import type { CallOptions } from "./account.js";
import type { ToolDefinition } from "../definition/definition.js";
import { invalid } from "./validate.js";

/** Whether a call's answer is shown in the compact view. */
const isCompact = ({ view, fields }: CallOptions): boolean =>
  view === "compact" || (view === undefined && fields !== undefined);

/** An answer as the caller gets it. */
export interface Shown {
  readonly data: unknown;
  readonly warnings: readonly string[];
}

/**
 * How the answer is shown: as it is, unless the options or a policy want something else. `fields` alone asks for the
 * compact view. What agents read hides nothing from people: hidden text is shown as such, or warned of where a text is
 * quoted exactly.
 *
 * @throws {GitLabToolError} `invalid_input` for `fields` that are not paths
 */
export function shower(
  definition: ToolDefinition,
  options: CallOptions,
  policies: readonly Policy[],
): (data: unknown) => Shown {
  const message = fieldsProblem(options.fields ?? []);
  if (message) throw invalid(definition, [{ field: "fields", message }]);
  const isShort = isCompact(options);
  const secrets = masksSecrets(policies, isShort) ? (definition.secrets ?? []) : undefined;
  const masked = (data: unknown): unknown => (secrets ? maskSecrets(data, secrets) : data);
  const wraps = policies.some(({ untrusted }) => untrusted === "wrap");
  if (!isShort) return (data) => ({ data: wraps ? wrapWritten(masked(data), newNonce()) : masked(data), warnings: [] });
  const paths = fieldPaths(definition.view, options.fields);
  const view = (data: unknown, reading?: Reading): unknown =>
    toCompact(definition, definition.graphql ? fold(data) : data, paths, reading);
  if (!wraps) return (data) => showOnce(data, view, secrets);
  return (whole) => {
    // What is hidden is hidden before it is wrapped: half a key would take the marker's end along.
    const data = viewWrapped(view, masked(showHidden(whole)));
    return { data, warnings: hiddenWarnings(data) };
  };
}

/** The view with what people wrote marked: by GitLab's names of fields, which the view changes; a log, when it is clean. */
function viewWrapped(view: (data: unknown) => unknown, data: unknown): unknown {
  const nonce = newNonce();
  return typeof data === "string" ? wrapWritten(view(data), nonce) : view(wrapWritten(data, nonce));
}

/** The view, its hidden text shown and its secrets hidden on the same walk. */
function showOnce(
  whole: unknown,
  view: (data: unknown, reading: Reading) => unknown,
  secrets: SecretFields | undefined,
): Shown {
  let hasWarnings = false;
  const data = view(whole, {
    text(text, name) {
      const shown = showHiddenIn(text, name);
      hasWarnings ||= hasUnseen(shown);
      return secrets ? maskText(shown) : shown;
    },
    whole(kept) {
      hasWarnings = true;
      return secrets ? maskSecrets(showHidden(kept), secrets) : showHidden(kept);
    },
    secrets,
  });
  return { data, warnings: hasWarnings ? hiddenWarnings(data) : [] };
}
