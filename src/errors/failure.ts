import { GitLabToolError } from "./gitlab-tool-error.js";
import { failedBeforeConnecting, systemCode } from "./network.js";

/** A call that got no answer, as one error. The cause carries no request, and so no token. */
export function explainFailure(
  error: unknown,
  call: { toolName: string; safeToRepeat: boolean; host: string; signal: AbortSignal | undefined; timeoutMs: number },
): GitLabToolError {
  if (error instanceof GitLabToolError) return error;
  const { toolName, safeToRepeat, host } = call;
  const code = systemCode(error);
  const certain = safeToRepeat || failedBeforeConnecting(error);
  const check = certain ? "" : " The request may have been carried out; check before repeating it.";
  if (call.signal?.aborted) {
    return new GitLabToolError({
      code: "aborted",
      message: `The call was cancelled.${check}`,
      hint: "Call again if it is still wanted.",
      toolName,
    });
  }
  const name = error instanceof Error ? error.name : "";
  if (name === "TimeoutError" || name === "AbortError") {
    return new GitLabToolError({
      code: "timeout",
      message: `${host} did not answer in ${call.timeoutMs} ms.${check}`,
      hint: certain
        ? "Call again, with a larger timeoutMs if the answer is large."
        : "Read the current state before calling again.",
      retryable: certain,
      toolName,
      details: { timeoutMs: call.timeoutMs },
    });
  }
  if (code === undefined && !(error instanceof TypeError)) {
    return new GitLabToolError({
      code: "internal",
      message: "The call failed inside this library.",
      toolName,
      cause: error,
    });
  }
  return new GitLabToolError({
    code: "network_error",
    message: `The connection to ${host} failed${code ? ` (${code})` : ""}.${check}`,
    hint: certain
      ? "Check the connection's base URL and the network, then call again."
      : "Read the current state before calling again.",
    retryable: certain,
    toolName,
    details: { ...(code && { systemCode: code }) },
    cause: error,
  });
}
