import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { plainAddress } from '@agentteam/contract';
import type { Address } from './reach.ts';

export const API_HOST = 'api.anthropic.com';

/** Whether a host name is the Messages API's. */
export function isApiHost(host: string, upstream: URL): boolean {
  return isIP(host) === 0 && (host === API_HOST || host === hostOf(upstream));
}

/** Whether addresses are the Messages API's, which may have further names. */
export async function leadsToApi(
  port: string,
  addresses: readonly Address[],
  upstream: URL,
): Promise<boolean> {
  if (addresses.length === 0 || port !== portOf(upstream)) return false;
  // If the API's name cannot be resolved, no other name leads to it.
  const found = await lookup(hostOf(upstream), { all: true }).catch(() => []);
  const api = new BlockList();
  for (const address of plainOf(found)) api.addAddress(address, familyOf(address));
  return plainOf(addresses).some((address) => api.check(address, familyOf(address)));
}

/** The host of a URL, without the brackets of IPv6 addresses and without trailing dots. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.+$/, '');
}

export function portOf({ port, protocol }: URL): string {
  return port || (protocol === 'https:' ? '443' : '80');
}

/** In a network with NAT64, an address in IPv6 and one in IPv4 lead to the same host. */
function plainOf(addresses: readonly Pick<Address, 'address'>[]): readonly string[] {
  return addresses.map(({ address }) => plainAddress(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
