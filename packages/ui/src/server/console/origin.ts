import type { IncomingMessage } from 'node:http';

/** Names of this machine, for a page that is reached through `kubectl port-forward`. */
const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];
/** Values of `Sec-Fetch-Site` for requests of the user and of this page. Older browsers do not send it. */
const OWN_SITE: readonly unknown[] = [undefined, 'none', 'same-origin'];

/**
 * Checks where a request comes from. A page of another site that a browser shows can send requests to this
 * server. Its Host is its own name if it uses DNS rebinding, and its Origin is its own otherwise.
 * @param hosts names of this page, besides those of loopback.
 * @returns why the request is refused.
 */
export function foreignTo(
  hosts: readonly string[],
  { headers, method }: IncomingMessage,
): string | undefined {
  const { host = '', origin } = headers;
  const name = hostnameOf(host);
  if (name === undefined || ![...LOOPBACK, ...hosts].includes(name)) {
    return 'The Host of the request is not an address of this page. An administrator can allow it with ui.allowedHosts.';
  }
  if (origin === undefined) {
    if (method !== 'GET') return 'The request has no Origin.';
  } else if (!isOwn(origin, host, hosts)) {
    return 'The Origin of the request is not this page.';
  }
  // A page of another port of this host is of the same site, so that cookies are sent with its requests.
  const isLink = headers['sec-fetch-mode'] === 'navigate';
  if (!isLink && !OWN_SITE.includes(headers['sec-fetch-site'])) {
    return 'The request comes from another page.';
  }
  return undefined;
}

/** Whether the page is reached under a name of the browser's own machine. */
export function isLoopback({ headers: { host = '' } }: IncomingMessage): boolean {
  return LOOPBACK.includes(hostnameOf(host) ?? '');
}

/** An unencrypted page is only accepted on the browser's own machine. A proxy may have replaced the Host. */
function isOwn(origin: string, host: string, hosts: readonly string[]): boolean {
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  if (LOOPBACK.includes(url.hostname)) return url.host === new URL(`${url.protocol}//${host}`).host;
  return url.protocol === 'https:' && hosts.includes(url.hostname);
}

function hostnameOf(host: string): string | undefined {
  const url = `http://${host}`;
  if (!/^[\w.:[\]-]+$/.test(host) || !URL.canParse(url)) return undefined;
  return new URL(url).hostname;
}
