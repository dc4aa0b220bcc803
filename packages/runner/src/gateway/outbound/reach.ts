import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { placeOf, plainAddress } from '@agentteam/contract';
import { isPrivateAddress } from '@agentteam/notify/public-address';

/** Destinations that an agent may connect to besides the public internet. */
export interface Reach {
  readonly blocks: BlockList;
  /** Hosts whose addresses may be private. Each includes its subdomains. */
  readonly hosts: readonly string[];
}

/** A destination in the settings is invalid. */
export class ReachError extends Error {
  override readonly name: string = 'ReachError';
}

/** The agent may not connect to a destination. */
export class DestinationError extends Error {
  override readonly name: string = 'DestinationError';
}

export interface Address {
  readonly address: string;
  readonly family: number;
}

/**
 * Reads the list of destinations.
 * @param text `public`, hosts, addresses or address blocks (`10.0.0.0/8`), separated by commas.
 * @throws ReachError when an entry is none of these.
 */
export function readReach(text: string): Reach {
  const blocks = new BlockList();
  const hosts: string[] = [];
  for (const entry of text.split(',').filter((part) => part !== '' && part !== 'public')) {
    const [network = '', bits] = entry.split('/');
    const family = isIP(network);
    if (family === 0 && HOST.test(entry)) {
      hosts.push(entry.toLowerCase());
      continue;
    }
    const addressBits = family === 6 ? 128 : 32;
    const length = bits === undefined ? addressBits : Number(bits);
    if (family === 0 || !/^[0-9]{1,3}$/.test(bits ?? '0') || length > addressBits) {
      throw new ReachError(`"${entry}" is not a host, an address or an address block (10.0.0.0/8)`);
    }
    blocks.addSubnet(network, length, family === 6 ? 'ipv6' : 'ipv4');
  }
  return { blocks, hosts };
}

/** A host name. It has a letter: without one, the entry is an address, or a mistyped one. */
const HOST = /^(?=.*[A-Za-z])[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/;

/** Never allowed, as are the metadata services of clouds: this machine, link-local addresses and multicast. */
const NEVER: BlockList = new BlockList();
for (const [network, prefix, family] of [
  ['0.0.0.0', 8, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 127, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
] as const) {
  NEVER.addSubnet(network, prefix, family);
}

/**
 * Resolves a host, and checks all of its addresses. Connect to the returned addresses: resolving the
 * name again could give others.
 * @param host a name, or an address without brackets.
 * @throws DestinationError when the agent may not connect to an address, and a system error when the
 *   name cannot be resolved.
 */
export async function reachable(host: string, reach: Reach): Promise<readonly Address[]> {
  const addresses = await lookup(host, { all: true });
  for (const { address } of addresses) {
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const where = address === host ? host : `${host} (${address})`;
    if (isNever(plainAddress(address))) {
      throw new DestinationError(
        `${where} is this machine or its local network link; agents can only reach it with --network host`,
      );
    }
    if (isPrivateAddress(address) && !isNamed(host, address, family, reach)) {
      throw new DestinationError(
        `${where} is not on the public internet; to allow it, use agentteam run --reach ${host}`,
      );
    }
  }
  return addresses;
}

/** @param address as the network behind NAT64 sees it. */
function isNever(address: string): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  const isOwn = NEVER.check(address, family) || ownAddresses().check(address, family);
  return isOwn || placeOf(address) === 'metadata';
}

function isNamed(
  host: string,
  address: string,
  family: 'ipv4' | 'ipv6',
  { blocks, hosts }: Reach,
): boolean {
  if (blocks.check(address, family)) return true;
  return hosts.some((name) => host === name || host.endsWith(`.${name}`));
}

/** This machine's addresses. They can change, so they are read each time. */
function ownAddresses(): BlockList {
  const own = new BlockList();
  for (const { address, family } of Object.values(networkInterfaces()).flatMap(
    (all) => all ?? [],
  )) {
    own.addAddress(address, family === 'IPv6' ? 'ipv6' : 'ipv4');
  }
  return own;
}
