import { moneyText, PATHS } from '@agentteam/contract';
import { aggregate, type LedgerEntry, LedgerReader } from '@agentteam/ledger';
import { describe, expect, test } from '@jest/globals';
import { closing, event, reply } from './scripted-api.ts';
import { api, start, team } from './setting.ts';
import { post } from './team.ts';

const NOTHING = { input_tokens: 0, output_tokens: 0 };

async function reader(): Promise<LedgerReader> {
  const ledger = new LedgerReader(team.root + PATHS.ledger);
  await ledger.refresh();
  return ledger;
}

/** The charge for a reply with this usage, streamed or not. */
async function charged(usage: object, body: object = {}): Promise<LedgerEntry> {
  api.answer = (request, response) => {
    const { model, stream } = JSON.parse(request.body) as { model: string; stream?: boolean };
    if (stream) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const message = { type: 'message', model, content: [], usage: NOTHING };
      response.end(event('message_start', { message }) + closing({ ...usage }));
    } else {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ type: 'message', model, content: [], usage }));
    }
  };
  const gateway = await start();
  await (await post(gateway, { ...body })).text();
  await gateway.close();
  const [entry] = (await reader()).entries();
  if (entry === undefined) throw new Error('nothing was charged');
  return entry;
}

describe.each([true, false])('everything that the API bills is charged (stream: %s)', (stream) => {
  // Opus 5.5, per million: $4 input, $20 output, $0.20 cache read, $5 cache write, $8 for one hour.
  test.each<[string, object, string]>([
    ['input and output', { input_tokens: 1000, output_tokens: 100 }, '0.006'],
    [
      'cache tokens with a split',
      {
        ...NOTHING,
        cache_read_input_tokens: 1000,
        cache_creation_input_tokens: 300,
        cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 100 },
      },
      '0.002',
    ],
    ['cache tokens without a split', { ...NOTHING, cache_creation_input_tokens: 1000 }, '0.005'],
    [
      'only the split',
      { ...NOTHING, cache_creation: { ephemeral_1h_input_tokens: 1000 } },
      '0.008',
    ],
    ['web searches', { ...NOTHING, server_tool_use: { web_search_requests: 3 } }, '0.03'],
    ['web fetches', { ...NOTHING, server_tool_use: { web_fetch_requests: 9 } }, '0.00'],
    ['another location', { input_tokens: 1000, output_tokens: 0, inference_geo: 'us' }, '0.0044'],
    ['a fast reply', { input_tokens: 1000, output_tokens: 0, speed: 'fast' }, '0.008'],
    [
      'priority capacity',
      { input_tokens: 1000, output_tokens: 0, service_tier: 'priority' },
      '0.004',
    ],
    [
      'a compaction, which the top level lacks',
      {
        input_tokens: 23_000,
        output_tokens: 1000,
        iterations: [
          { type: 'compaction', input_tokens: 180_000, output_tokens: 3500 },
          { type: 'message', input_tokens: 23_000, output_tokens: 1000 },
        ],
      },
      '0.902',
    ],
    [
      'an advisor with its own model, and repeated reading after it',
      {
        input_tokens: 400,
        output_tokens: 590,
        iterations: [
          { type: 'message', input_tokens: 400, output_tokens: 90 },
          {
            type: 'advisor_message',
            model: 'claude-sonnet-5-5',
            input_tokens: 1000,
            output_tokens: 100,
          },
          { type: 'message', input_tokens: 1000, output_tokens: 500 },
        ],
      },
      // 1400 × 4 + 590 × 20 + 1000 × 2 + 100 × 10, in millionths
      '0.0204',
    ],
    [
      'a fallback model',
      {
        input_tokens: 100,
        output_tokens: 10,
        iterations: [
          { type: 'message', model: 'claude-opus-5-5', input_tokens: 100, output_tokens: 0 },
          {
            type: 'fallback_message',
            model: 'claude-fable-5-2',
            input_tokens: 100,
            output_tokens: 10,
          },
        ],
      },
      '0.0016',
    ],
    [
      'tokens at the top level beyond the iterations',
      {
        input_tokens: 1000,
        output_tokens: 0,
        iterations: [{ type: 'message', input_tokens: 400, output_tokens: 0 }],
      },
      '0.004',
    ],
  ])('%s', async (_, usage, usd) => {
    expect(await charged(usage, { stream })).toMatchObject({ state: 'done', usd, basis: 'list' });
  });

  test.each<[string, object, string]>([
    // The highest price for fast output of any model: $150 per million.
    ['a new kind of token', { ...NOTHING, dream_tokens: 1000 }, '0.15'],
    [
      'a new kind of token in a nested object',
      { ...NOTHING, new: { deep: [{ tokens: 1000 }] } },
      '0.15',
    ],
    ['uses of a new server tool', { ...NOTHING, server_tool_use: { mind_reads: 2 } }, '0.10'],
    [
      'a new kind of token in an iteration',
      { ...NOTHING, iterations: [{ type: 'message', new_tokens: 1000 }] },
      '0.15',
    ],
    [
      'an iteration of an unknown kind and model',
      { ...NOTHING, iterations: [{ type: 'oracle', input_tokens: 0, output_tokens: 1000 }] },
      '0.075',
    ],
    [
      'an unknown location',
      { input_tokens: 1000, output_tokens: 0, inference_geo: 'mars' },
      '0.0044',
    ],
    ['an unknown speed', { input_tokens: 0, output_tokens: 1000, speed: 'warp' }, '0.15'],
    ['an unknown tier', { input_tokens: 0, output_tokens: 1000, service_tier: 'gold' }, '0.15'],
  ])('%s is charged at the highest price, and marked', async (_, usage, usd) => {
    expect(await charged(usage, { stream })).toMatchObject({ usd, basis: 'unknown' });
  });

  test.each<[string, unknown]>([
    ['a negative count', -5],
    ['a string', '500'],
    ['a fraction', 0.5],
    ['beyond the range of numbers', Number.MAX_VALUE],
  ])('if a count is %s, the most that the request allows is charged', async (_, output) => {
    const usage = { input_tokens: 1000, output_tokens: output };
    const entry = await charged(usage, { stream, max_tokens: 777 });
    expect(entry).toMatchObject({ cut: true, tokens: { output: 777 } });
    expect(entry.tokens.input).toBeGreaterThanOrEqual(1000);
  });

  test('a reply without usage is charged the most that the request allows', async () => {
    api.answer = (_, response) => {
      const stream = event('message_start', { message: { model: 'claude-opus-5-5' } });
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(stream + event('message_stop', {}));
    };
    const gateway = await start();
    await (await post(gateway, { stream, max_tokens: 777 })).text();
    await gateway.close();
    const [entry] = (await reader()).entries();
    expect(entry).toMatchObject({ cut: true, tokens: { output: 777 } });
  });
});

test('the ledger names fields without a price, and their replies count as estimated', async () => {
  const entry = await charged({ ...NOTHING, dream_tokens: 7, a: { b: 1 } });
  expect(entry.unknownUsage).toEqual(['dream_tokens', 'a.b']);
  const { totals } = await reader();
  expect(totals.team().estimated).toBe(1);
});

test('the cost of an advisor is in the row of its own model', async () => {
  await charged({
    input_tokens: 1000,
    output_tokens: 0,
    iterations: [
      { type: 'message', input_tokens: 1000, output_tokens: 0 },
      { type: 'advisor_message', model: 'claude-fable-5-2', input_tokens: 100, output_tokens: 0 },
    ],
  });
  const rows = aggregate((await reader()).entries());
  expect(rows.map(({ model, replies, usd }) => [model, replies, moneyText(usd)])).toEqual([
    ['claude-opus-5-5', 1, '0.004'],
    ['claude-fable-5-2', 0, '0.0008'],
  ]);
});

test('a reply of a more expensive model than the requested one has that model’s price', async () => {
  api.answer = reply({ model: 'claude-opus-4-1', usage: { input_tokens: 1000, output_tokens: 0 } });
  await (await post(await start(), { model: 'claude-haiku-5-5' })).text();
  expect((await reader()).entries()).toMatchObject([{ usd: '0.015' }]);
});

test('a reply of an unknown Claude model is charged the highest rates', async () => {
  api.answer = reply({ model: 'claude-opus-9', usage: { input_tokens: 1000, output_tokens: 0 } });
  await (await post(await start(), { model: 'claude-haiku-5-5' })).text();
  expect((await reader()).entries()).toMatchObject([{ usd: '0.015', basis: 'unknown' }]);
});

test('unsplit cache writes count for an hour if the request asked for that', async () => {
  const system = [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1h' } }];
  const usage = { ...NOTHING, cache_creation_input_tokens: 1000 };
  expect(await charged(usage, { system })).toMatchObject({ usd: '0.008' });
});

test('code that the API ran is charged for at least five minutes', async () => {
  api.answer = (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const content = [{ type: 'server_tool_use', name: 'bash_code_execution' }];
    response.end(
      JSON.stringify({ model: 'claude-opus-5-5', container: { id: 'c' }, content, usage: NOTHING }),
    );
  };
  await (await post(await start(), {})).text();
  // A twelfth of five cents.
  expect((await reader()).entries()).toMatchObject([{ usd: '0.004166666667' }]);
});

test('an error reply is charged only if it reports usage', async () => {
  const gateway = await start();
  const usage = { input_tokens: 1000, output_tokens: 0 };
  for (const more of [{ usage }, {}]) {
    api.answer = (_, response) => {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ type: 'error', error: {}, ...more }));
    };
    await (await post(gateway, {})).text();
  }
  expect((await reader()).entries()).toMatchObject([{ usd: '0.004' }, { usd: '0.00' }]);
});
