import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { deliver } from '../../src/deliver.ts';
import { serveNames } from './name-server.ts';
import { NOTIFICATION } from './notification.ts';

/**
 * Runs in a network namespace whose loopback also has a public address, with a name server that resolves a
 * name to that address first and to 127.0.0.1 afterwards, and a receiver at both. It prints as JSON which
 * receivers were called: by a separate check and call, which is vulnerable, and by two of our own calls.
 */
const PUBLIC = '203.0.113.7';
const NAME = 'hooks.example.com';

let asked = 0;
await serveNames(() => (asked++ === 0 ? PUBLIC : '127.0.0.1'));

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
    NOTIFICATION,
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
