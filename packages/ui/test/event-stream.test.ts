import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { expect, test } from '@jest/globals';
import { sendChanges } from '../src/server/event-stream.ts';

/** Serves what is read, one after the other, and again the last. @returns the events that a page receives. */
async function received(
  states: readonly (() => unknown)[],
  count: number,
): Promise<readonly { readonly event: string; readonly data: unknown }[]> {
  const stop = new AbortController();
  let next = 0;
  const server = createServer((_, response) => {
    const read = async (): Promise<unknown> => {
      const state = states[Math.min(next, states.length - 1)];
      next += 1;
      return state?.();
    };
    void sendChanges(response, read, 1, stop.signal);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const [response] = (await once(get({ port, host: '127.0.0.1' }), 'response')) as [
    IncomingMessage,
  ];
  const events: { readonly event: string; readonly data: unknown }[] = [];
  let event = '';
  for await (const line of createInterface(response)) {
    if (line.startsWith('event: ')) event = line.slice('event: '.length);
    if (line.startsWith('data: ')) {
      events.push({ event, data: JSON.parse(line.slice('data: '.length)) });
    }
    if (events.length === count) break;
  }
  stop.abort();
  response.destroy();
  server.closeAllConnections();
  server.close();
  return events;
}

test('the first event has the whole state, and the next ones what has changed', async () => {
  const large = { text: 'x'.repeat(100_000) };
  const events = await received(
    [
      () => ({ large, agents: [1] }),
      () => ({ large, agents: [1] }),
      () => ({ large, agents: [1, 2] }),
    ],
    2,
  );
  expect(events.map(({ event }) => event)).toEqual(['state', 'change']);
  expect(JSON.stringify(events[1]).length).toBeLessThan(200);
});

test('after a reading that failed, the page gets the whole state again', async () => {
  const events = await received(
    [
      () => ({ a: 1 }),
      () => {
        throw new Error('The team is gone.');
      },
      () => ({ a: 1 }),
    ],
    3,
  );
  expect(events).toEqual([
    { event: 'state', data: { a: 1 } },
    { event: 'problem', data: 'The team is gone.' },
    { event: 'state', data: { a: 1 } },
  ]);
});
