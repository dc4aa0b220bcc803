import { gzipSync } from 'node:zlib';
import { PATHS } from '@agentteam/contract';
import { LedgerReader } from '@agentteam/ledger';
import { describe, expect, test } from '@jest/globals';
import type { RunningGateway } from '../../src/gateway/gateway.ts';
import { api, start, team } from './setting.ts';
import { post } from './team.ts';

const GOOD = '{"model":"claude-opus-5-5","max_tokens":10,"messages":[]}';

/** Sends these bytes as a request. */
async function send(
  { address }: RunningGateway,
  body: string | Buffer,
  headers: Record<string, string> = {},
): Promise<{ status: number; error: string }> {
  const response = await fetch(`${address.url}/v1/messages`, {
    method: 'POST',
    body: typeof body === 'string' ? body : new Uint8Array(body),
    headers: { 'x-api-key': address.token, 'content-type': 'application/json', ...headers },
  });
  const text = await response.text();
  const retry = response.headers.get('x-should-retry');
  if (response.status !== 200) expect(retry).toBe('false');
  return { status: response.status, error: text };
}

async function nothingCharged(): Promise<void> {
  const ledger = new LedgerReader(team.root + PATHS.ledger);
  expect((await ledger.refresh()).team().usd).toBe(0n);
  expect(ledger.entries()).toEqual([]);
}

describe.each(['finish', 'cut', 'reserve'] as const)('with onLimit %s', (onLimit) => {
  const spec = { onLimit, teamBudgetLimit: '1.00' };

  test.each<[string, string | Buffer, Record<string, string>, number]>([
    ['invalid JSON', 'model=opus', {}, 400],
    ['incomplete JSON', GOOD.slice(0, -1), {}, 400],
    ['two documents', GOOD + GOOD, {}, 400],
    ['a list', `[${GOOD}]`, {}, 400],
    ['nothing', '', {}, 400],
    ['UTF-16', Buffer.from(GOOD, 'utf16le'), {}, 400],
    ['a byte order mark', `\uFEFF${GOOD}`, {}, 400],
    [
      'invalid UTF-8',
      Buffer.concat([Buffer.from(GOOD.slice(0, -1)), Buffer.from([0xff])]),
      {},
      400,
    ],
    ['another charset', GOOD, { 'content-type': 'application/json; charset="utf-16"' }, 415],
    ['compressed', gzipSync(GOOD), { 'content-encoding': 'gzip' }, 415],
    ['declared as compressed twice', GOOD, { 'content-encoding': 'identity, gzip' }, 415],
    ['no max_tokens', '{"model":"claude-opus-5-5","messages":[]}', {}, 400],
    ['max_tokens as null', GOOD.replace('10', 'null'), {}, 400],
    ['max_tokens as a string', GOOD.replace('10', '"10"'), {}, 400],
    ['max_tokens as a fraction', GOOD.replace('10', '0.5'), {}, 400],
    ['a negative max_tokens', GOOD.replace('10', '-1'), {}, 400],
    ['max_tokens beyond the range of numbers', GOOD.replace('10', '1e400'), {}, 400],
    ['max_tokens beyond any model', GOOD.replace('10', '2000000'), {}, 400],
    [
      'nested too deeply',
      GOOD.replace('[]', `${'['.repeat(200_000)}${']'.repeat(200_000)}`),
      {},
      400,
    ],
  ])(
    '%s is refused with a reason, not to be repeated, and not sent',
    async (_, body, headers, status) => {
      const { status: answered, error } = await send(await start(spec), body, headers);
      expect(answered).toBe(status);
      expect(JSON.parse(error)).toMatchObject({ type: 'error', error: { message: /./ } });
      expect(api.seen).toEqual([]);
      await nothingCharged();
    },
  );
});

test('the API gets what was checked: the last of duplicate keys, and no unusual escapes', async () => {
  const twice = `{"max_tokens":10,"mcp_servers":null,"mod\\u0065l":"claude-haiku-5-5","messages":[{"content":"\\ud800\\u00e9"}],"model":"claude-opus-5-5","max_tokens":7}`;
  await send(await start(), twice);
  expect(api.seen[0]?.body).toBe(
    '{"max_tokens":7,"model":"claude-opus-5-5","messages":[{"content":"\\ud800é"}]}',
  );
  expect(api.seen[0]?.headers['content-length']).toBe(
    String(Buffer.byteLength(api.seen[0]?.body ?? '')),
  );
});

describe('features of the API', () => {
  const tool = (type: string, more = {}) => ({ tools: [{ type, name: 'x', ...more }] });
  const added = (definition: object) => ({
    messages: [
      {
        role: 'system',
        content: [{ type: 'tool_addition', tool: { type: 'tool_definition', definition } }],
      },
    ],
  });

  const AT_URL = { type: 'image', source: { type: 'url', url: 'https://example.com/?data=1' } };
  const withBlock = (block: object) => ({ messages: [{ role: 'user', content: [block] }] });

  test.each<[string, Record<string, unknown>]>([
    ['a server tool', tool('code_execution_20250825')],
    ['a tool that accesses URLs which a policy may block', tool('web_fetch_20250910')],
    ['an unknown version of a known tool', tool('web_search_20991231')],
    ['a tool that a message adds', added({ type: 'code_execution_20250825', name: 'x' })],
    ['a type that is not a string', { tools: [{ type: ['custom'], name: 'x' }] }],
    ['an absurd number of uses', tool('web_search_20250305', { max_uses: 1e9 })],
    ['an unknown context edit', { context_management: { edits: [{ type: 'rewrite_2099' }] } }],
    ['MCP servers', { mcp_servers: [{ type: 'url', url: 'https://example.com' }] }],
    ['a container', { container: { skills: [] } }],
    ['fallback models', { fallbacks: [{ model: 'claude-opus-4-1' }] }],
    ['another account to bill', { billing_policy: { bill_to: 'user_profile' } }],
    ['several answers', { n: 8 }],
    ['an image that the API would fetch', withBlock(AT_URL)],
    ['one in a result of a tool', withBlock({ type: 'tool_result', content: [AT_URL] })],
    [
      'one in a document',
      withBlock({ type: 'document', source: { type: 'content', content: [AT_URL] } }),
    ],
    ['a file of the workspace', withBlock({ type: 'document', source: { type: 'file' } })],
    ['a conversation that the API keeps', { thread: { type: 'continue' } }],
  ])('%s is refused with a reason', async (_, body) => {
    const response = await post(await start(), body);
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { message: string } };
    expect(error.message).toMatch(/is not allowed|must be a string|whole number/);
    expect(api.seen).toEqual([]);
    await nothingCharged();
  });

  test.each<[string, Record<string, unknown>]>([
    ['client tools', { tools: [{ name: 'Bash', input_schema: {} }] }],
    ['client tools defined by the API', tool('bash_20250124')],
    ['web search', tool('web_search_20250305', { max_uses: 8 })],
    ['a search result', withBlock({ type: 'search_result', source: 'https://example.com' })],
    [
      'an image in the request',
      withBlock({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA' } }),
    ],
    ['an advisor', tool('advisor_20260301', { model: 'claude-opus-5-5' })],
    ['compaction', { context_management: { edits: [{ type: 'compact_20260112' }] } }],
  ])('%s is allowed', async (_, body) => {
    expect((await post(await start(), body)).status).toBe(200);
    expect(JSON.parse(api.seen[0]?.body ?? '')).toMatchObject(body);
  });

  test('unknown betas and fields are omitted, so that a newer CLI still works', async () => {
    const headers = { 'anthropic-beta': 'free-lunch-2099-01-01, effort-2025-11-24,' };
    const response = await post(await start(), { free_lunch: true }, { headers });
    expect(response.status).toBe(200);
    expect(api.seen[0]?.headers['anthropic-beta']).toBe('effort-2025-11-24');
    expect(JSON.parse(api.seen[0]?.body ?? '')).not.toHaveProperty('free_lunch');
  });

  test('an installation can allow more features by name', async () => {
    const apiFeatures = [
      'web_fetch_20250910',
      'mcp_servers',
      'mcp-client-2025-11-20',
      'later_field',
    ];
    const gateway = await start({ apiFeatures });
    const body = { ...tool('web_fetch_20250910'), mcp_servers: [], later_field: 1 };
    const headers = { 'anthropic-beta': 'mcp-client-2025-11-20' };
    expect((await post(gateway, body, { headers })).status).toBe(200);
    expect(JSON.parse(api.seen[0]?.body ?? '')).toMatchObject(body);
    expect(api.seen[0]?.headers['anthropic-beta']).toBe('mcp-client-2025-11-20');
  });

  test('headers that change the bill or the route are not forwarded', async () => {
    const headers = {
      'anthropic-user-profile-id': 'someone',
      'anthropic-workspace-id': 'other',
      'x-http-method-override': 'PUT',
      'x-original-url': '/v1/messages/batches',
      'anthropic-version': '2023-06-01',
      'x-claude-code-agent-id': '1',
    };
    await post(await start(), {}, { headers });
    const sent = api.seen[0]?.headers ?? {};
    expect(sent).toMatchObject({
      'anthropic-version': '2023-06-01',
      'x-claude-code-agent-id': '1',
    });
    for (const name of Object.keys(headers).slice(0, 4)) expect(sent).not.toHaveProperty(name);
  });

  test('requests for counting tokens are checked too, except for max_tokens', async () => {
    const gateway = await start();
    const path = '/v1/messages/count_tokens';
    const allowed = await post(gateway, { max_tokens: undefined }, { path });
    expect(allowed.status).toBe(200);
    const refused = await post(gateway, { mcp_servers: [{}] }, { path });
    expect(refused.status).toBe(400);
    expect(api.seen).toHaveLength(1);
  });
});

describe('onLimit reserve', () => {
  const spec = { onLimit: 'reserve', teamBudgetLimit: '0.50' } as const;

  test.each<[string, Record<string, unknown>]>([
    ['searches', { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 8 }] }],
    ['an advisor', { tools: [{ type: 'advisor_20260301', name: 'advisor', model: 'opus' }] }],
    ['a compaction', { context_management: { edits: [{ type: 'compact_20260112' }] } }],
  ])(
    'refuses %s that could exceed the limit, and allows the request without it',
    async (_, body) => {
      const gateway = await start(spec);
      const refused = await post(gateway, body);
      expect(refused.status).toBe(400);
      expect(await refused.text()).toContain('repeat it without them');
      expect(api.seen).toEqual([]);
      expect((await post(gateway, {})).status).toBe(200);
    },
  );

  test('a document counts as the maximum that a model can read', async () => {
    const source = { type: 'base64', media_type: 'application/pdf', data: 'AAAA' };
    const messages = [{ role: 'user', content: [{ type: 'document', source }] }];
    expect((await post(await start(spec), { messages })).status).toBe(402);
    expect(api.seen).toEqual([]);
  });

  test('a document is found in the result of a tool that holds one block', async () => {
    const source = { type: 'base64', media_type: 'application/pdf', data: 'AAAA' };
    const page = { type: 'web_fetch_result', content: { type: 'document', source } };
    const result = { type: 'web_fetch_tool_result', tool_use_id: 'srvtoolu_1', content: page };
    const messages = [
      { role: 'assistant', content: [result] },
      { role: 'user', content: 'Go on.' },
    ];
    expect((await post(await start(spec), { messages })).status).toBe(402);
    expect(api.seen).toEqual([]);
  });

  test('images in a document count as their maximum', async () => {
    const data = { type: 'base64', media_type: 'image/png', data: 'AAAA' };
    const image = { type: 'image', source: data };
    const source = { type: 'content', content: Array.from({ length: 30 }, () => image) };
    const messages = [{ role: 'user', content: [{ type: 'document', source }] }];
    expect((await post(await start(spec), { messages })).status).toBe(402);
    expect(api.seen).toEqual([]);
  });
});
