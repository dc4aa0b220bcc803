import type { IncomingHttpHeaders } from 'node:http';
import type { CredentialHeaders } from '../http/headers.ts';
import { endToEnd } from '../http/headers.ts';
import type { Rewriting } from './rewriting.ts';

type Headers = Record<string, string | string[]>;

/** Some servers read `x_api_key` as `x-api-key`, so that an agent could replace what the gateway adds. */
const USUAL_NAME = /^[a-z0-9-]+$/;

/** Headers with which a server might read the request as a different one. */
const REROUTING =
  /^(?:x-http-method(?:-override)?|x-method-override|x-original-url|x-rewrite-url)$/;

/**
 * Credentials of the agent, which must not stand beside the gateway's; headers that concern its own connection;
 * and where the request comes from, which the service need not know.
 */
const NOT_FORWARDED =
  /^(?:authorization|x-api-key|cookie|host|expect|content-length|accept-encoding|origin|referer|forwarded|via|x-forwarded-.*|x-real-ip|sec-.*)$/;

/** Headers of the request to a service. */
export function serviceRequestHeaders(
  from: IncomingHttpHeaders,
  credential: CredentialHeaders,
): Headers {
  const kept = Object.entries(endToEnd(from)).filter(
    ([name]) =>
      USUAL_NAME.test(name) &&
      !NOT_FORWARDED.test(name) &&
      !REROUTING.test(name) &&
      !(name in credential),
  );
  const length = from['content-length'];
  return {
    ...Object.fromEntries(kept),
    // The gateway can decode gzip, to replace addresses.
    'accept-encoding': acceptsGzip(from['accept-encoding']) ? 'gzip' : 'identity',
    ...(length !== undefined && /^[0-9]{1,15}$/.test(length) && { 'content-length': length }),
    ...credential,
  };
}

function acceptsGzip(accepted: string | string[] | undefined): boolean {
  return String(accepted ?? '')
    .split(',')
    .some((coding) => /^\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(coding));
}

/** Whether the request has a body, of a known length or not. */
export function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Cookies and addresses that would lead the agent's client past the gateway. */
const NOT_RETURNED = ['set-cookie', 'alt-svc', 'refresh', 'content-location', 'location'];

/** Headers over the bytes of a body that the gateway changes. */
const OF_BYTES = ['content-encoding', 'content-length', 'content-md5', 'digest', 'repr-digest'];

export interface ReplyChange {
  readonly rewriting: Rewriting;
  /** The redirect as the agent's client can follow it. */
  readonly location?: string;
  /** Whether the gateway replaces addresses in the body. */
  readonly rewritten: boolean;
}

/** Headers of the reply to the agent. */
export function serviceReplyHeaders(
  from: IncomingHttpHeaders,
  { rewriting, location, rewritten }: ReplyChange,
): Headers {
  const headers = endToEnd(from);
  for (const name of [...NOT_RETURNED, ...(rewritten ? OF_BYTES : [])]) delete headers[name];
  const { link } = headers;
  return {
    ...headers,
    ...(link !== undefined && { link: rewriting.replace(String(link)) }),
    ...(location !== undefined && { location }),
  };
}

/** Whether a web page in a browser of the agent sent a request, which must not use its credential. */
export function isFromForeignPage({ host, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  const isLoopback = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{1,5})?$/i.test(host ?? '');
  // A page whose name has been changed to lead to loopback still sends that name.
  return !isLoopback || site === 'cross-site' || site === 'same-site';
}
