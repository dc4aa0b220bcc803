import { BlockList, isIP } from 'node:net';

/** Proxies for outbound traffic. */
export interface Proxies {
  readonly http?: URL;
  readonly https?: URL;
  /** Hosts that need no proxy, in the syntax of `NO_PROXY`. */
  readonly exceptions: string;
}

/** Thrown when a variable is not the URL of a proxy. */
export class ProxySettingError extends Error {
  override readonly name: string = 'ProxySettingError';
}

/**
 * Reads `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`. As in curl, the lower-case spelling takes precedence,
 * and a proxy without a scheme uses http.
 * @throws ProxySettingError with the name of the variable, but not its value, which may hold a password.
 */
export function readProxies(env: Readonly<Record<string, string | undefined>>): Proxies {
  const proxy = (name: string): URL | undefined => {
    const text = (env[name.toLowerCase()] ?? env[name])?.trim();
    if (!text) return undefined;
    const given = text.includes('://') ? text : `http://${text}`;
    const url = URL.canParse(given) ? new URL(given) : undefined;
    if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
    throw new ProxySettingError(`${name} is not the http(s) URL of a proxy`);
  };
  const [http, https] = [proxy('HTTP_PROXY'), proxy('HTTPS_PROXY')];
  // A rehearsal serves its API on this machine, where no proxy can reach it.
  const exceptions = [env['no_proxy'] ?? env['NO_PROXY'] ?? '', '127.0.0.1,localhost,::1'];
  return {
    ...(http !== undefined && { http }),
    ...(https !== undefined && { https }),
    exceptions: exceptions.filter((text) => text !== '').join(','),
  };
}

/** The proxy for a URL; undefined if it needs none. */
export function proxyFor(proxies: Proxies, url: URL): URL | undefined {
  const proxy = url.protocol === 'https:' ? proxies.https : proxies.http;
  if (proxy === undefined || isException(proxies.exceptions, url)) return undefined;
  return proxy;
}

/** The `Proxy-Authorization` header for a proxy whose URL has credentials. */
export function proxyHeaders({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

/**
 * Whether `NO_PROXY` contains a URL's host, as curl and Go interpret it: `*`; a domain, which includes its
 * subdomains; an address; or a network (`10.0.0.0/8`). Hosts may have a port.
 */
function isException(exceptions: string, url: URL): boolean {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return exceptions
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => matches(entry, host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return isInBlock(entry, host);
  if (isIP(entry)) return entry === host;
  const [, name = entry, only] = /^\[?([^\]]*?)\]?(?::([0-9]+))?$/.exec(entry) ?? [];
  if (only !== undefined && only !== port) return false;
  const domain = name.replace(/^\*?\./, '');
  return host === domain || (!isIP(host) && host.endsWith(`.${domain}`));
}

function isInBlock(entry: string, host: string): boolean {
  const family = isIP(host) === 6 ? 'ipv6' : 'ipv4';
  const [network = '', bits = ''] = entry.split('/');
  if (isIP(host) === 0 || isIP(network) !== isIP(host) || !/^[0-9]{1,3}$/.test(bits)) return false;
  if (Number(bits) > (family === 'ipv6' ? 128 : 32)) return false;
  const block = new BlockList();
  block.addSubnet(network, Number(bits), family);
  return block.check(host, family);
}
