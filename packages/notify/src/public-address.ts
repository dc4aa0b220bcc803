import type { LookupAddress, LookupOptions } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Networks that are not the public internet: this machine, its cluster, its cloud's metadata. */
const PRIVATE: BlockList = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv6');
}

/** The target is not on the public internet. */
export class PrivateTargetError extends Error {
  override readonly name = 'PrivateTargetError';
}

export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return true;
  // `::ffff:10.0.0.1` is matched against the IPv4 networks by BlockList itself.
  return PRIVATE.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** @throws PrivateTargetError for a URL whose host is itself a private address. */
export function assertPublicHost(url: URL): void {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && isPrivateAddress(host)) throw refused(host, host);
}

/**
 * @returns where a name, or an address as a URL writes it, leads: one address at least.
 * @throws PrivateTargetError where any of them is private; a system error where there is none.
 */
export async function publicAddresses(
  hostname: string,
  options: LookupOptions = {},
): Promise<readonly [LookupAddress, ...LookupAddress[]]> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const [first, ...others] = await lookup(host, { ...options, all: true });
  if (first === undefined) throw new Error(`${host} has no address`);
  const hidden = [first, ...others].find(({ address }) => isPrivateAddress(address));
  if (hidden) throw refused(host, hidden.address);
  return [first, ...others];
}

/**
 * Resolves names for a connection, and refuses one that has any private address. The connection is
 * made to what was checked: a name that answers differently a moment later gains nothing.
 */
export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  publicAddresses(hostname, options).then(
    (addresses) => {
      const [first] = addresses;
      if (options.all) callback(null, [...addresses]);
      else callback(null, first.address, first.family);
    },
    (error: NodeJS.ErrnoException) => callback(error, '', 0),
  );
};

function refused(host: string, address: string): PrivateTargetError {
  const where = host === address ? host : `${host} (${address})`;
  return new PrivateTargetError(
    `${where} is a private or link-local address. Set AGENTTEAM_ALLOW_PRIVATE_WEBHOOKS=true to allow such targets.`,
  );
}
