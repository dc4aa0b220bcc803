import { BASE_URLS, plainText } from '@agentteam/contract';
import type { ApiCredential } from '../../credentials.ts';
import { connectionCode } from '../../http/forward.ts';
import { ProxyError } from '../../upstream/tunnel.ts';
import type { ErrorReply } from '../error-of.ts';
import { isPage } from '../hidden-fault.ts';
import { type MessageContext, nameOf } from './parts.ts';

const MAX_LOCATION = 200;

type AddressContext = Pick<MessageContext, 'isLocal'> & Partial<Pick<MessageContext, 'provider'>>;

/** Where the address of the API can come from. */
export function addressFields({ isLocal, provider }: AddressContext): string {
  const variable = BASE_URLS[provider?.name ?? 'anthropic'];
  return `auth.baseUrl or ${isLocal ? variable : "the chart's teams.apiUrl"}`;
}

/** For an address that serves something other than the API: its answer names no error of an API. */
export function wrongAddress(
  { status, headers, body }: ErrorReply,
  _used: ApiCredential,
  context: MessageContext,
): string {
  const { location } = headers;
  const target = location === undefined ? '' : ` to ${plainText(location, MAX_LOCATION)}`;
  const found = isPage({ headers, body }) ? ', a web page' : ', and no message';
  const what = status < 300 ? found : status < 400 ? `, a redirect${target}` : '';
  const answer = `${status}${what}`;
  return `the address of ${nameOf(context)} does not serve it (${answer}): correct ${addressFields(context)}, then run agentteam retry, with -f for a corrected file`;
}

/** Error codes of Node and OpenSSL for a certificate that is not trusted. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET)_|HOSTNAME_MISMATCH/;

/**
 * For a connection that could not be made until a person changes a setting.
 * @param isLocal on the embedded engine.
 * @returns `undefined` for an error that may pass by itself.
 */
export function connectionRefused(error: unknown, isLocal: boolean): string | undefined {
  const code = connectionCode(error);
  if (code !== undefined && CERTIFICATE.test(code)) {
    const remedy = isLocal
      ? 'set NODE_EXTRA_CA_CERTS to a file with the certificate of that authority'
      : "name the ConfigMap with the certificate of that authority in the chart's trust.configMap (agentteam compile --trust)";
    return `the certificate of the API is signed by an authority that is not trusted (${code}): ${remedy}, then run agentteam retry`;
  }
  const status = error instanceof ProxyError ? error.status : undefined;
  return status === 407 || status === 403 ? refusedByProxy(status, isLocal) : undefined;
}

/** For a proxy that answers in place of the API and asks for a login. */
export function proxyRefused(
  { status }: ErrorReply,
  _used: ApiCredential,
  { isLocal }: MessageContext,
): string {
  return refusedByProxy(status, isLocal);
}

function refusedByProxy(status: number, isLocal: boolean): string {
  const remedy = isLocal ? 'correct HTTPS_PROXY' : "correct the chart's proxy settings";
  return `the proxy refuses requests to the API (${status}): ${remedy}, then run agentteam retry`;
}
