import { BlockList, isIP } from 'node:net';
import type { ProxyConfig } from '../config.ts';

/** The proxy through which a URL is reached, or `undefined` for none. */
export function proxyFor(config: ProxyConfig, url: URL): URL | undefined {
  const proxy = url.protocol === 'https:' ? config.https : config.http;
  if (proxy === undefined || isException(config.exceptions, url)) return undefined;
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
