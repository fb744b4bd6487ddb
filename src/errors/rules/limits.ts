import { retryAfterSeconds } from "../network.js";
import { because, type Rule } from "../refused-call.js";

/** Values that do not fit, limits, and trouble at GitLab's end. */
export const limitRules: readonly Rule[] = [
  {
    status: [400, 422],
    when: (body) => body.kind !== "html",
    finding: (body, { attemptLost }) => ({
      code: "validation_failed",
      message: `GitLab refused the values${because(body)}${attemptLost && /already/i.test(body.text) ? " An earlier attempt of this call got no answer: it may be its work." : ""}`,
      hint: body.fields
        ? `Correct ${Object.keys(body.fields).join(", ")} and call again.`
        : "Correct the values and call again.",
      ...(body.fields && { details: { fields: body.fields } }),
    }),
  },
  {
    // A long query is refused with 414: https://docs.gitlab.com/api/rest/#request-payload
    status: [413, 414],
    finding: (body) => ({
      code: "validation_failed",
      message: `The request is too large for GitLab or the proxy in front of it${because(body)}`,
      hint: "Send less: a shorter text, fewer files, a smaller list.",
    }),
  },
  {
    // https://docs.gitlab.com/security/rate_limits/
    status: [429],
    finding: (_, { headers }) => {
      const seconds = wait(headers);
      return {
        code: "rate_limited",
        message: `GitLab's rate limit is reached${seconds === undefined ? "" : `; it asks to wait ${seconds} s`}.`,
        hint: seconds === undefined ? "Wait a minute, then call again." : `Call again in ${seconds} seconds.`,
        retryable: true,
        ...(seconds !== undefined && { details: { retryAfterSeconds: seconds } }),
      };
    },
  },
  {
    status: (status) => status >= 500 || status === 408,
    finding: (body, { idempotent, headers, status, check }) => {
      const seconds = headers.has("retry-after") ? wait(headers) : undefined;
      return {
        code: "gitlab_unavailable",
        message: `GitLab or a proxy in front of it answered ${status}${because(body)}${idempotent ? "" : " The request may have been carried out; check before repeating it."}`,
        hint: !idempotent
          ? `${check === undefined ? "Read the present state" : `Look with ${check}`} before calling again.`
          : seconds === undefined
            ? "Call again in a while."
            : `Call again in ${seconds} seconds.`,
        retryable: idempotent,
        ...(seconds !== undefined && { details: { retryAfterSeconds: seconds } }),
      };
    },
  },
  {
    status: () => true,
    finding: (body, { status }) => ({
      code: "internal",
      message: `GitLab answered ${status}${because(body)}`,
      hint: "This library does not know the answer: show the message to a person.",
    }),
  },
];

function wait(headers: Pick<Headers, "get">): number | undefined {
  const seconds = retryAfterSeconds(headers);
  return seconds === undefined ? undefined : Math.ceil(seconds);
}
