import { GitLabToolError } from "./gitlab-tool-error.js";

/** What Node says of a certificate that it does not accept: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const serverFaults: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is signed by itself",
  SELF_SIGNED_CERT_IN_CHAIN: "its authority is not one that is trusted here",
  UNABLE_TO_GET_ISSUER_CERT: "the certificate of its authority is missing",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its authority is not one that is trusted here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "its authority is not one that is trusted here, or an intermediate certificate is missing",
  CERT_UNTRUSTED: "its authority is not one that is trusted here",
  CERT_SIGNATURE_FAILURE: "its signature is wrong",
  CERT_NOT_YET_VALID: "it is not valid yet",
  CERT_HAS_EXPIRED: "it has expired",
  CERT_REVOKED: "it has been revoked",
  CERT_REJECTED: "it is not for this purpose",
  INVALID_CA: "its authority may not sign certificates",
  INVALID_PURPOSE: "it is not for this purpose",
  PATH_LENGTH_EXCEEDED: "its chain is too long",
  CERT_CHAIN_TOO_LONG: "its chain is too long",
  HOSTNAME_MISMATCH: "it is for another name",
  ERR_TLS_CERT_ALTNAME_INVALID: "it is for another name",
};

/** How a server says that it does not accept ours, or lacks it: https://www.rfc-editor.org/rfc/rfc8446#section-6.2 */
const clientFault = /^ERR_SSL_\w*ALERT_(?:\w*CERTIFICATE\w*|UNKNOWN_CA|ACCESS_DENIED|DECRYPT_ERROR)$/;

/** Who showed the certificate, and what we show. */
export interface Peer {
  readonly host: string;
  readonly isProxy: boolean;
  readonly hasClientCertificate: boolean;
}

/** Which certificate was refused, and by whom; `undefined` where none was. */
export function refusedCertificate(code: string | undefined, peer: Peer): GitLabToolError | undefined {
  if (code === undefined) return undefined;
  const peerName = peer.isProxy ? `the proxy ${peer.host}` : peer.host;
  const details = { host: peer.host, systemCode: code };
  const fault = serverFaults[code];
  if (fault !== undefined) {
    return new GitLabToolError({
      code: "connection_misconfigured",
      message: `The certificate of ${peerName} was refused: ${fault} (${code}).`,
      hint: "Nothing was sent. Where an authority of your own signs it, give the connection that authority's certificate as ca; otherwise the server's administrator has to mend it.",
      details: { ...details, certificate: "server" },
    });
  }
  if (!clientFault.test(code)) return undefined;
  return new GitLabToolError({
    code: "connection_misconfigured",
    message: peer.hasClientCertificate
      ? `The connection's client certificate was refused by ${peerName} (${code}).`
      : `A client certificate is wanted by ${peerName}, and the connection has none (${code}).`,
    hint: "Give the connection a clientCertificate that the server's authority has signed and that has not expired.",
    details: { ...details, certificate: "client" },
  });
}

/** The proxy wants a user and a password, or others. */
export function refusedByProxy(host: string, status: number): GitLabToolError {
  return new GitLabToolError({
    code: "connection_misconfigured",
    message: `The proxy ${host} refused the connection (status ${status}).`,
    hint: "Nothing was sent. Check the user and the password in the proxy's URL, and whether the proxy lets through to the instance.",
    details: { host, status },
  });
}
