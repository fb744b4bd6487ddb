import { GitLabToolError } from "../errors/gitlab-tool-error.js";

/**
 * Where a person is sent after the callback: a path on the product's own site, or a URL whose origin is on the
 * allow-list. Anything else would make the callback an open redirector:
 * https://datatracker.ietf.org/doc/html/rfc9700#section-4.11
 */
export function checkReturnTo(returnTo: string, allowedOrigins: readonly string[]): string {
  const anywhere = "https://relative.invalid";
  // Browsers read a backslash as a slash, and drop tabs and line ends.
  const plain = !/[\\\u0000-\u001f\u007f]/.test(returnTo);
  if (plain && returnTo.startsWith("/") && URL.canParse(returnTo, anywhere)) {
    if (new URL(returnTo, anywhere).origin === anywhere) return returnTo;
  } else if (plain && URL.canParse(returnTo)) {
    const { origin, protocol } = new URL(returnTo);
    const allowed = allowedOrigins.some((url) => URL.canParse(url) && new URL(url).origin === origin);
    if (allowed && (protocol === "https:" || protocol === "http:")) return returnTo;
  }
  throw new GitLabToolError({
    code: "invalid_input",
    message: "returnTo must be a path that begins with / or a URL on an allowed origin.",
    hint: "Pass a path, or add the origin to allowedReturnOrigins.",
    details: { field: "returnTo" },
  });
}
