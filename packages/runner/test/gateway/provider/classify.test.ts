import { describe, expect, test } from '@jest/globals';
import { classify } from '../../../src/gateway/provider/classify.ts';

const NOW = Date.parse('2026-11-29T12:00:00Z');
const AT_14 = Date.parse('2026-11-29T14:00:00Z');

function classOf(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): ReturnType<typeof classify> {
  const body = Buffer.from(JSON.stringify({ type: 'error', error: { type: 'x', message } }));
  return classify({ status, headers, body }, NOW);
}

const UNIFIED = {
  'anthropic-ratelimit-unified-status': 'rejected',
  'anthropic-ratelimit-unified-reset': String(AT_14 / 1000),
};

describe('an API error that waiting cures', () => {
  test.each<[string, number, string, Readonly<Record<string, string>>, object]>([
    [
      'a limit of requests per minute',
      429,
      'Number of requests has exceeded your rate limit',
      { 'retry-after': '20' },
      { reason: 'rate-limit', forMs: 20_000, isLimit: true },
    ],
    [
      'a usage limit',
      429,
      'Usage limit reached',
      { 'retry-after': '20' },
      { reason: 'usage-limit', forMs: 20_000, isLimit: true },
    ],
    [
      'a limit of a subscription, only in headers',
      429,
      '',
      UNIFIED,
      { reason: 'usage-limit', forMs: AT_14 - NOW, isLimit: true },
    ],
    [
      'a limit that lasts for hours',
      429,
      '',
      { 'retry-after': '7200' },
      { reason: 'usage-limit', forMs: AT_14 - NOW, isLimit: true },
    ],
    [
      'the later one of two times',
      429,
      '',
      { ...UNIFIED, 'retry-after': '5' },
      { reason: 'usage-limit', forMs: AT_14 - NOW },
    ],
    [
      'the reset of an exhausted token limit, and not of another',
      429,
      '',
      {
        'anthropic-ratelimit-input-tokens-remaining': '0',
        'anthropic-ratelimit-input-tokens-reset': '2026-11-29T12:00:30Z',
        'anthropic-ratelimit-requests-remaining': '7',
        'anthropic-ratelimit-requests-reset': '2026-11-29T13:00:00Z',
      },
      { reason: 'rate-limit', forMs: 30_000 },
    ],
    [
      'a date',
      429,
      '',
      { 'retry-after': 'Sun, 29 Nov 2026 14:00:00 GMT' },
      { reason: 'usage-limit', forMs: AT_14 - NOW },
    ],
    ['no time', 429, '', {}, { reason: 'rate-limit' }],
    ['an unreadable time', 429, '', { 'retry-after': 'soon' }, {}],
    [
      'an account without credit',
      400,
      'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
      {},
      { reason: 'no-credit', isLimit: true },
    ],
    ['a billing error', 402, 'Payment required', {}, { reason: 'no-credit', isLimit: true }],
    [
      'a monthly limit set by the account’s owner',
      400,
      'You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.',
      {},
      { reason: 'usage-limit', forMs: Date.parse('2026-12-01T00:00:00Z') - NOW, isLimit: true },
    ],
    ['overload', 529, 'Overloaded', {}, { reason: 'overloaded', detail: '529', isLimit: false }],
    ['a fault of the API', 500, '', {}, { reason: 'server-error', detail: '500' }],
    ['a gateway in front of the API', 502, '', {}, { reason: 'server-error', detail: '502' }],
  ])('%s', (_, status, message, headers, expected) => {
    const errorClass = classOf(status, message, headers);
    expect(errorClass).toMatchObject({ kind: 'wait', ...expected });
    if (!('forMs' in expected)) expect(errorClass).not.toHaveProperty('forMs');
  });
});

describe('an API error that waiting does not cure', () => {
  test.each([
    ['a wrong key', 401, 'invalid x-api-key', 'credential'],
    ['a missing permission', 403, 'not allowed', 'credential'],
    ['a place that is not served', 403, 'Request not allowed', 'not-allowed'],
    ['legal reasons', 451, '', 'not-allowed'],
    [
      'a country that is not served',
      400,
      'Access to Anthropic models is not allowed from unsupported countries, regions, or territories.',
      'not-allowed',
    ],
    [
      'a policy of the organization',
      403,
      "Access is blocked by your organization's security policy",
      'not-allowed',
    ],
    [
      'an address that is not on a list',
      403,
      'Your IP address is not in the IP allowlist of your organization',
      'not-allowed',
    ],
    ['a request that mentions a country', 400, 'tools.0: country is not a tool', 'request'],
    ['an unknown model', 404, 'model: claude-x', 'request'],
    ['an invalid request', 400, 'messages: at least one message is required', 'request'],
    ['a request that mentions billing', 400, 'tools.0: billing is not a tool', 'request'],
    ['a request that is too large', 413, '', 'request'],
    ['a request that conflicts with another', 409, '', 'retry'],
  ])('%s', (_, status, message, kind) => {
    expect(classOf(status, message).kind).toBe(kind);
  });

  test('the error page of a proxy, which is not JSON', () => {
    const body = Buffer.from('<html>no</html>');
    expect(classify({ status: 403, headers: {}, body }, NOW).kind).toBe('credential');
  });
});
