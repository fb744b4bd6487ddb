import { GitLabToolError } from "../errors/gitlab-tool-error.js";

function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  );
}

const giveAddress =
  "Give the address of the GitLab instance, such as https://gitlab.example.com or https://example.com/gitlab.";
const useHttps = "Give its https:// address, or set allowHttp on the connection where nobody else can listen.";

/**
 * An instance's base URL in its one written form: origin and path prefix, no slash at the end.
 *
 * Says nothing about where the host is: `https://169.254.169.254` and `http://localhost` are taken, since instances do
 * live on private and loopback addresses. `checkBaseUrl` is for those who let strangers type URLs.
 *
 * @throws {GitLabToolError} `connection_misconfigured`
 */
export function parseBaseUrl(text: string, { name, allowHttp }: { name: string; allowHttp: boolean }): string {
  const refuse = (because: string, hint = giveAddress, details = {}): GitLabToolError =>
    new GitLabToolError({
      code: "connection_misconfigured",
      message: `The base URL of connection "${name}" ${because}.`,
      hint,
      details: { connectionName: name, ...details },
    });

  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw refuse("is not a URL");
  if (url.username !== "" || url.password !== "") throw refuse("must not carry a user name or password");
  if (url.search !== "" || url.hash !== "" || /[?#]/.test(text)) throw refuse("must not have a query or a fragment");
  if (url.protocol !== "https:" && url.protocol !== "http:") throw refuse("must begin with https://");
  if (url.protocol === "http:" && !allowHttp && !isLoopback(url.hostname)) {
    throw refuse("uses http://, which would send tokens in the clear", useHttps, { reason: "http" });
  }
  if (/\/api(\/v\d+)?\/*$/.test(url.pathname)) throw refuse("must not include /api/v4");
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}
