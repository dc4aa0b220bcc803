import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { closing, opening } from '../gateway/scripted-api.ts';
import { PinnedMember } from './member.ts';

/** Longer than the default timeout of the CLI's HTTP client, which is 361 s. */
const HELD_MS = 400_000;

let member: PinnedMember | undefined;
afterEach(() => member?.remove());

/** The gateway holds requests while the provider refuses them: only the answer ends one. */
test('the CLI waits for an answer as long as the gateway holds the request', async () => {
  const requests: string[] = [];
  const usage = { input_tokens: 1, output_tokens: 1 };
  const server = createServer(async (request, response) => {
    requests.push(request.url ?? '');
    request.resume();
    await delay(HELD_MS);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(opening('claude-opus-5-5', usage, 'Here I am.') + closing(usage));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    member = await PinnedMember.start(`http://127.0.0.1:${port}`);
    member.say('11111111-0000-4000-8000-000000000000', 'Begin.');
    const result = await member.line(({ type }) => type === 'result');
    expect(result).toMatchObject({ is_error: false, result: 'Here I am.' });
    expect(requests).toEqual(['/v1/messages?beta=true']);
    expect(member.lines.filter(({ subtype }) => subtype === 'api_retry')).toEqual([]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}, 900_000);
