import { fetchTransport } from "./fetch-transport.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { NetworkSettings, Transport } from "./transport.js";

/**
 * The transport of runtimes other than Node (package.json, "imports"): the platform's `fetch`.
 *
 * @throws {GitLabToolError} `connection_misconfigured`: a platform's fetch takes no certificates and no proxy
 */
export function platformTransport(settings: NetworkSettings = {}): Transport {
  if (settings.ca ?? settings.clientCertificate ?? settings.proxy) {
    throw new GitLabToolError({
      code: "connection_misconfigured",
      message: "ca, clientCertificate and proxy need Node: this runtime's fetch does not take them.",
      hint: "Leave them out, and set them up in the runtime itself.",
    });
  }
  return fetchTransport((url, init) => fetch(url, init));
}
