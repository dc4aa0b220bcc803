import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { isPrivateAddress } from '@agentteam/notify/public-address';

/** Where an agent's own connections may lead besides the public internet. */
export interface Reach {
  readonly blocks: BlockList;
  /** Hosts whose addresses may be private; each stands for the names below it too. */
  readonly hosts: readonly string[];
}

/** A setting that names no network. */
export class ReachError extends Error {
  override readonly name: string = 'ReachError';
}

/** The agent may not connect there. */
export class DestinationError extends Error {
  override readonly name: string = 'DestinationError';
}

export interface Address {
  readonly address: string;
  readonly family: number;
}

/**
 * @param text `public`, and hosts, addresses or blocks of addresses (`10.0.0.0/8`), by comma.
 * @throws ReachError
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
    const most = family === 6 ? 128 : 32;
    const length = bits === undefined ? most : Number(bits);
    if (family === 0 || !/^[0-9]{1,3}$/.test(bits ?? '0') || length > most) {
      throw new ReachError(
        `"${entry}" is not a host, an address or a block of addresses (10.0.0.0/8)`,
      );
    }
    blocks.addSubnet(network, length, family === 6 ? 'ipv6' : 'ipv4');
  }
  return { blocks, hosts };
}

/** A name; four numbers are an address, or a mistake in one. */
const HOST = /^(?=.*[A-Za-z])[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/;

/** This machine, its links, and where clouds give a machine its own credentials: never reached. */
const NEVER: BlockList = new BlockList();
for (const [network, prefix, family] of [
  ['0.0.0.0', 8, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['100.100.100.200', 32, 'ipv4'],
  ['168.63.129.16', 32, 'ipv4'],
  ['::', 127, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
  ['fd00:ec2::254', 128, 'ipv6'],
] as const) {
  NEVER.addSubnet(network, prefix, family);
}

/**
 * Looks a host up, and checks all of its addresses: the connection is made to what was checked, so a
 * name that answers differently a moment later gains nothing.
 * @param host a name, or an address without brackets.
 * @throws DestinationError; a system error for a name that has no address.
 */
export async function reachable(host: string, reach: Reach): Promise<readonly Address[]> {
  const addresses = await lookup(host, { all: true });
  for (const { address } of addresses) {
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const where = address === host ? host : `${host} (${address})`;
    if (NEVER.check(address, family) || ownAddresses().check(address, family)) {
      throw new DestinationError(
        `${where} is this machine or a link of it; agents reach its services only with --network host`,
      );
    }
    if (isPrivateAddress(address) && !isNamed(host, address, family, reach)) {
      throw new DestinationError(
        `${where} is not on the public internet; agentteam run --reach ${host} lets agents connect to it`,
      );
    }
  }
  return addresses;
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

/** Read anew each time: networks come and go. A BlockList also knows `::ffff:192.0.2.1` for what it is. */
function ownAddresses(): BlockList {
  const own = new BlockList();
  for (const { address, family } of Object.values(networkInterfaces()).flatMap(
    (all) => all ?? [],
  )) {
    own.addAddress(address, family === 'IPv6' ? 'ipv6' : 'ipv4');
  }
  return own;
}
