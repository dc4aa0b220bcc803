import { once } from 'node:events';
import { watch } from 'node:fs';
import { PATHS } from '@agentteam/contract';
import { readStopMarker } from '@agentteam/volume';
import { describe, expect, test } from '@jest/globals';
import { reply } from './scripted-api.ts';
import { api, start, team } from './setting.ts';
import { post } from './team.ts';

const spec = { teamBudgetLimit: '0.05', onLimit: 'reserve' } as const;

function cached(ttl: string, length: number) {
  const block = {
    type: 'text',
    text: 'x'.repeat(length),
    cache_control: { type: 'ephemeral', ttl },
  };
  return { system: [block] };
}

function somewhere(inference_geo: string | undefined) {
  return { max_tokens: 2400, inference_geo };
}

/** Tools whose definitions the API has itself, beside output for $0.03. */
function knownTools(names: readonly string[]) {
  const types = {
    bash: 'bash_20250124',
    editor: 'text_editor_20250728',
    computer: 'computer_20250124',
  };
  const tools = Object.entries(types).filter(([name]) => names.includes(name));
  return { max_tokens: 1350, tools: tools.map(([name, type]) => ({ type, name })) };
}

describe('a request is sent if the most it can cost fits the limit of $0.05', () => {
  // Output is $20 per million, at most 1000 tokens by default. Input is $4 per million, one token for each
  // byte, and twice as much with a cache write for one hour. All of it costs 10 % more where the account may have
  // chosen the location.
  test.each([
    ['output', { max_tokens: 2200 }, { max_tokens: 2300 }],
    ['input', { system: 'x'.repeat(6000) }, { system: 'x'.repeat(6500) }],
    ['input for the cache', cached('5m', 3000), cached('1h', 4000)],
    ['higher speed', { max_tokens: 1500 }, { max_tokens: 1500, speed: 'fast' }],
    ['a more expensive location', somewhere('global'), somewhere('us')],
    ['a location that the request leaves open', somewhere('global'), somewhere(undefined)],
    ['a location without a name', somewhere('global'), somewhere('')],
    ['tools of the API', knownTools(['bash']), knownTools(['bash', 'editor', 'computer'])],
    ['an unknown model', {}, { model: 'unheard-of' }],
  ])('%s', async (_, fits, doesNot) => {
    const gateway = await start(spec);
    api.answer = reply({ usage: { input_tokens: 0, output_tokens: 0 } });
    expect((await post(gateway, fits)).status).toBe(200);
    const refused = await post(gateway, doesNot);
    expect(refused.status).toBe(402);
    expect(await refused.text()).toContain('The budget of the team demo is too small');
    expect(api.seen).toHaveLength(1);
  });
});

describe.each([
  ['the team demo', { teamBudgetLimit: '0.03' }],
  ['the agent worker', { teamBudgetLimit: '10.00', agentBudgetLimit: '0.03' }],
])('a request that does not fit beside another under the limit of %s', (whose, limits) => {
  /** The first request is answered when the second has tried to reserve. Each can cost $0.02. */
  async function both(output_tokens: number) {
    const gateway = await start({ ...spec, ...limits });
    const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
    const { promise: let_, resolve: letAnswer } = Promise.withResolvers<void>();
    const good = reply({ usage: { input_tokens: 0, output_tokens } });
    api.answer = async (request, response) => {
      onAsked();
      await let_;
      await good(request, response);
    };
    const first = post(gateway, {});
    await asked;
    const looks = watch(`${team.root}${PATHS.ledger}/reservations/lock`);
    const second = post(gateway, {});
    // The lock is created, touched and removed.
    for (let change = 0; change < 3; change += 1) await once(looks, 'change');
    looks.close();
    letAnswer();
    expect((await first).status).toBe(200);
    return second;
  }

  test('waits, and is sent if the other leaves enough', async () => {
    expect((await both(100)).status).toBe(200);
    expect(await readStopMarker(team.root + PATHS.control)).toBeUndefined();
  });

  test('is refused if the other leaves too little', async () => {
    const refused = await both(1000);
    expect(refused.status).toBe(402);
    expect(await refused.text()).toContain(`The budget of ${whose} is too small`);
    expect(api.seen).toHaveLength(1);
    const [its, other] = [PATHS.control, PATHS.gateway].map((path) => team.root + path);
    const [where, elsewhere] = 'agentBudgetLimit' in limits ? [other, its] : [its, other];
    expect(await readStopMarker(where ?? '')).toMatchObject({ limit: '0.03' });
    expect(await readStopMarker(elsewhere ?? '')).toBeUndefined();
  });
});

test('a request over the API’s size limit is refused and not sent', async () => {
  const gateway = await start({ ...spec, teamBudgetLimit: '1000.00' });
  const response = await post(gateway, { system: 'x'.repeat(33 * 1024 * 1024) });
  expect(response.status).toBe(413);
  expect(api.seen).toEqual([]);
});
