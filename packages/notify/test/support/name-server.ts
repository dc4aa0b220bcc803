import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/**
 * A name server on port 53 of 127.0.0.1, which whoever is alone with a loopback can have.
 * @param addressOf what any name's next question for an IPv4 address is answered with.
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

/** A reply of RFC 1035 to a query for one name; without an address it says that there is none. */
function answerTo(query: Buffer, address: string | undefined): Buffer {
  const head = Buffer.from(query.subarray(0, endOfQuestion(query)));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(address === undefined ? 0 : 1, 6);
  head.writeUInt32BE(0, 8);
  if (address === undefined) return head;
  // The name as a pointer to the question, type A, class IN, no time to live, four bytes.
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]);
  return Buffer.concat([head, record, Buffer.from(address.split('.').map(Number))]);
}

/** Behind a header of 12 bytes: the name, which ends in a zero, its type and its class. */
function endOfQuestion(query: Buffer): number {
  return query.indexOf(0, 12) + 5;
}
