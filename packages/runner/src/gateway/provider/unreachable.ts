import { connectionCode } from '../forward.ts';
import { ProxyError } from '../upstream/tunnel.ts';

/** Codes of Node and OpenSSL for a certificate that is not believed. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET)_|HOSTNAME_MISMATCH/;

/**
 * Of a connection that could not be made: what a person has to change.
 * @param isLocal on the embedded engine.
 * @returns undefined for what may pass by itself.
 */
export function whyUnreachable(error: unknown, isLocal: boolean): string | undefined {
  const code = connectionCode(error);
  if (code !== undefined && CERTIFICATE.test(code)) {
    const remedy = isLocal
      ? 'set NODE_EXTRA_CA_CERTS to a file with that authority'
      : "name the ConfigMap with that authority in the chart's trust.configMap (agentteam compile --trust)";
    return `the certificate of the API is signed by an authority that is not trusted here (${code}): ${remedy}, then use agentteam retry`;
  }
  const status = error instanceof ProxyError ? error.status : undefined;
  if (status === 407 || status === 403) {
    const remedy = isLocal ? 'correct HTTPS_PROXY' : "correct the chart's proxy settings";
    return `the proxy does not let requests to the API through (${status}): ${remedy}, then use agentteam retry`;
  }
  return undefined;
}
