import { BlockList, isIP } from 'node:net';

/** Through which proxies the world is reached. */
export interface Proxies {
  readonly http?: URL;
  readonly https?: URL;
  /** As in `NO_PROXY`. */
  readonly exceptions: string;
}

/** A variable that names no proxy. */
export class ProxySettingError extends Error {
  override readonly name: string = 'ProxySettingError';
}

/**
 * Reads `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, of which the spelling in lower case goes first, as
 * with curl. A proxy without a scheme is one of http.
 * @throws ProxySettingError naming the variable, and not what is in it: that may hold a password.
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
  // A rehearsal's API is on this machine, where no proxy can reach it.
  const exceptions = [env['no_proxy'] ?? env['NO_PROXY'] ?? '', '127.0.0.1,localhost,::1'];
  return {
    ...(http === undefined ? {} : { http }),
    ...(https === undefined ? {} : { https }),
    exceptions: exceptions.filter((text) => text !== '').join(','),
  };
}

/** The proxy through which a URL is reached, or `undefined` for none. */
export function proxyFor(proxies: Proxies, url: URL): URL | undefined {
  const proxy = url.protocol === 'https:' ? proxies.https : proxies.http;
  if (proxy === undefined || isException(proxies.exceptions, url)) return undefined;
  return proxy;
}

/** `Proxy-Authorization` for a proxy whose URL has a user and a password. */
export function proxyHeaders({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

/**
 * Whether `NO_PROXY` names a URL's host, as curl and Go read it: `*`; a domain, which stands for what
 * is below it too; an address or a block of them (`10.0.0.0/8`); each with a port or without.
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
