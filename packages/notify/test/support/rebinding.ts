import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { deliver } from '../../src/deliver.ts';

/**
 * Runs where it is alone with its loopback, which has a public address too: a name server that
 * answers with that one first and with 127.0.0.1 from then on, and a receiver at each. Prints who was
 * called, as JSON: by a check and a call apart, as many make it, and by ours, twice.
 */
const PUBLIC = '203.0.113.7';
const NAME = 'hooks.example.com';

const names = createSocket('udp4');
let asked = 0;
names.on('message', (query, from) => {
  const isAddress = query.readUInt16BE(endOfQuestion(query) - 4) === 1;
  const address = isAddress && asked++ === 0 ? PUBLIC : '127.0.0.1';
  names.send(answerTo(query, isAddress ? address : undefined), from.port, from.address);
});
names.bind(53, '127.0.0.1');
await once(names, 'listening');

const calls: string[] = [];
const receivers = [PUBLIC, '127.0.0.1'].map((address) =>
  createServer((_, response) => {
    calls.push(address);
    response.writeHead(204, { connection: 'close' }).end();
  }).listen(80, address),
);
await Promise.all(receivers.map((receiver) => once(receiver, 'listening')));

async function called(work: () => Promise<unknown>): Promise<object> {
  calls.length = 0;
  const error = await work().then(
    () => undefined,
    (problem: Error) => problem.message,
  );
  return { calls: [...calls], ...(error === undefined ? {} : { error }) };
}

const send = () =>
  deliver(
    { kind: 'webhook', url: `http://${NAME}/hook` },
    { allowPrivate: false },
    {
      schema: 'agentteam/notification',
      version: 1,
      id: 'an-id',
      event: 'completed',
      at: '2026-11-23T10:00:00Z',
      team: 'auth',
      namespace: 'dev',
      message: 'dev/auth completed.',
      data: {},
    },
    AbortSignal.timeout(20_000),
  );

const results = {
  apart: await called(async () => {
    const { address } = await lookup(NAME);
    if (address !== PUBLIC) throw new Error(`the first answer is ${address}`);
    await fetch(`http://${NAME}/hook`, { method: 'POST' });
  }),
  first: await called(() => {
    asked = 0;
    return send();
  }),
  second: await called(send),
};
process.stdout.write(JSON.stringify(results));
process.exit(0);

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
