import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/**
 * Starts a name server on port 53 of 127.0.0.1. It needs a network namespace of its own.
 * @param addressOf returns the IPv4 address for the next query.
 */
export async function serveNames(addressOf: () => string): Promise<void> {
  const names = createSocket('udp4');
  names.on('message', (query, from) => {
    const isAddress = query.readUInt16BE(endOfQuestion(query) - 4) === 1;
    names.send(answerTo(query, isAddress ? addressOf() : undefined), from.port, from.address);
  });
  names.bind(53, '127.0.0.1');
  await once(names, 'listening');
}

/** A reply (RFC 1035) to a query for one name, with no records if there is no address. */
function answerTo(query: Buffer, address: string | undefined): Buffer {
  const head = Buffer.from(query.subarray(0, endOfQuestion(query)));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(address === undefined ? 0 : 1, 6);
  head.writeUInt32BE(0, 8);
  if (address === undefined) return head;
  // A pointer to the name in the question, type A, class IN, TTL 0, and four bytes of address.
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]);
  return Buffer.concat([head, record, Buffer.from(address.split('.').map(Number))]);
}

/** The question follows a header of 12 bytes: the name, which ends with a zero byte, type and class. */
function endOfQuestion(query: Buffer): number {
  return query.indexOf(0, 12) + 5;
}
