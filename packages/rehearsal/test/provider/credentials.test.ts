import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { rehearse, script, type Watched } from '../support/rehearse.ts';

let rehearsal: Watched;
beforeEach(async () => {
  rehearsal = await rehearse(script('agents: { mate: { turns: [{ text: Hello. }] } }'));
});
afterEach(() => rehearsal.close());

const VERTEX =
  '/mate/v1/projects/acme/locations/global/publishers/anthropic/models/claude-opus-5-5:rawPredict';

test.each<[string, string, Readonly<Record<string, string>>, number, RegExp]>([
  ['no signature', '/mate/model/us.anthropic.claude-x/invoke', {}, 403, /signature is not valid/],
  [
    'a signature with another key',
    '/mate/model/us.anthropic.claude-x/invoke',
    {
      authorization: `AWS4-HMAC-SHA256 Credential=AKIAREHEARSAL/20261129/us-east-1/bedrock/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
      'x-amz-date': new Date().toISOString().replace(/[-:]|\.\d+/g, ''),
    },
    403,
    /signature is not valid/,
  ],
  [
    'a token of its own',
    VERTEX,
    { authorization: 'Bearer ya29.invented' },
    401,
    /token is not valid/,
  ],
  ['another key', '/mate/anthropic/v1/messages', { 'api-key': 'other' }, 401, /invalid key/],
])('%s is refused', async (_, path, headers, status, message) => {
  const response = await fetch(`${rehearsal.url}${path}`, {
    method: 'POST',
    headers,
    body: '{"messages":[],"max_tokens":1}',
  });
  expect(response.status).toBe(status);
  expect(await response.text()).toMatch(message);
  expect(rehearsal.seen).toEqual([]);
});

test('no token is issued for an assertion that another key has signed', async () => {
  const response = await fetch(`${rehearsal.url}/tokens/token`, {
    method: 'POST',
    body: new URLSearchParams({ assertion: 'e30.e30.AAAA' }),
  });
  expect(response.status).toBe(400);
});
