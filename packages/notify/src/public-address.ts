import type { LookupAddress, LookupOptions } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Networks outside the public internet: this machine, its cluster, and the services of its cloud. */
const PRIVATE: BlockList = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // Azure's virtual machines reach the services of their host there.
  ['168.63.129.16', 32],
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

/** Thrown when a webhook's address is not on the public internet. */
export class PrivateTargetError extends Error {
  override readonly name = 'PrivateTargetError';
}

export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return true;
  // BlockList itself matches `::ffff:10.0.0.1` against the IPv4 networks.
  return PRIVATE.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** @throws PrivateTargetError when the host of a URL is a private address. */
export function assertPublicHost(url: URL): void {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && isPrivateAddress(host)) throw refused(host, host);
}

/** Why a URL leads to a private network, and how to allow it. @returns undefined for names and public addresses. */
export function privateTarget(url: URL): string | undefined {
  try {
    assertPublicHost(url);
  } catch (error) {
    if (error instanceof PrivateTargetError) return error.message;
    throw error;
  }
  return undefined;
}

/**
 * Resolves the host of a URL.
 * @returns at least one address.
 * @throws PrivateTargetError when any address is private, and a system error when there is none.
 */
export async function publicAddresses(
  hostname: string,
  options: LookupOptions = {},
): Promise<readonly [LookupAddress, ...LookupAddress[]]> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const [first, ...others] = await lookup(host, { ...options, all: true });
  if (first === undefined) throw new Error(`${host} has no address`);
  const privateOne = [first, ...others].find(({ address }) => isPrivateAddress(address));
  if (privateOne) throw refused(host, privateOne.address);
  return [first, ...others];
}

/**
 * Resolves names for a connection and refuses a name that has a private address. The connection uses the
 * checked address, so a name that resolves differently a moment later gains nothing.
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
    `${where} is a private or link-local address. To allow such webhooks, set AGENTTEAM_ALLOW_PRIVATE_WEBHOOKS=true.`,
  );
}
