import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import type { Address } from './reach.ts';

const API_HOST = 'api.anthropic.com';

/** Whether a host is that of the Messages API by its name. */
export function isApiHost(host: string, upstream: URL): boolean {
  return isIP(host) === 0 && (host === API_HOST || host === hostOf(upstream));
}

/** Whether a connection leads to the Messages API by its address: it may have other names, too. */
export async function leadsToApi(
  port: string,
  addresses: readonly Address[],
  upstream: URL,
): Promise<boolean> {
  if (addresses.length === 0 || port !== portOf(upstream)) return false;
  // What cannot be found cannot be reached under another name either.
  const found = await lookup(hostOf(upstream), { all: true }).catch(() => []);
  // A BlockList knows `::ffff:192.0.2.1` for what it is.
  const api = new BlockList();
  for (const { address } of found) api.addAddress(address, familyOf(address));
  return addresses.some(({ address }) => api.check(address, familyOf(address)));
}

/** Without brackets, and without dots at its end: with them it is the same name. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.+$/, '');
}

export function portOf({ port, protocol }: URL): string {
  return port || (protocol === 'https:' ? '443' : '80');
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
