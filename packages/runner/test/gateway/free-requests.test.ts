import { expect, test } from '@jest/globals';
import { readConfig } from '../../src/gateway/config.ts';
import { startGateway } from '../../src/gateway/gateway.ts';
import { reply } from './scripted-api.ts';
import { api, team } from './setting.ts';
import { atEnd, environment, post } from './team.ts';

/** Far more than an agent may send in a row. */
const FLOOD = 1000;

/** Starts a gateway. @returns it, and a promise that settles when it has begun to hold requests. */
async function startHolding() {
  const { promise: held, resolve } = Promise.withResolvers<void>();
  const config = await readConfig(environment(team, api.url, {}));
  const gateway = await startGateway(config, {
    info: () => {},
    warn: (entry) => {
      if ((entry as { event?: string }).event === 'held') resolve();
    },
    error: () => {},
  });
  atEnd(() => gateway.close());
  return { gateway, held };
}

/**
 * Sends requests in turn, as many at a time as a gateway lets through, until it has ended.
 * @returns the replies.
 */
async function flood(send: () => Promise<Response>): Promise<readonly string[]> {
  let left = FLOOD;
  const replies: string[] = [];
  const sender = async () => {
    while (left > 0) {
      left -= 1;
      replies.push(await send().then((response) => response.text()));
    }
  };
  await Promise.allSettled(Array.from({ length: 16 }, sender));
  return replies;
}

test.each([
  ['requests that the API refuses', {}],
  ['token counts', { path: '/v1/messages/count_tokens?beta=true' }],
  ['questions about models', { path: '/v1/models', method: 'GET', body: null }],
])('%s cost nothing, and are held when an agent floods the API with them', async (_, init) => {
  api.answer = (_request, response) => {
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end('{"type":"error","error":{"type":"invalid_request_error","message":"no"}}');
  };
  const { gateway, held } = await startHolding();
  const flooded = flood(() => post(gateway, {}, init));
  await Promise.race([held, flooded]);
  // The allowance, those in flight, and one more for each second that this takes.
  expect(api.seen.length).toBeLessThan(FLOOD / 2);
  await gateway.close();
  expect(await flooded).toContainEqual(expect.stringContaining('while it was held'));
});

test('requests that are paid for are not held', async () => {
  const { gateway, held } = await startHolding();
  let answered = 0;
  api.answer = async (request, response) => {
    answered += 1;
    await reply({})(request, response);
  };
  const sent = flood(() => post(gateway, {}));
  await Promise.race([sent, held.then(() => Promise.reject(new Error('held')))]);
  expect(answered).toBe(FLOOD);
});
