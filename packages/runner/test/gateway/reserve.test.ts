import { PATHS } from '@agentteam/contract';
import { readStopMarker } from '@agentteam/volume';
import { describe, expect, test } from '@jest/globals';
import { reply } from './scripted-api.ts';
import { api, start, team } from './setting.ts';
import { post } from './team.ts';

const spec = { teamLimit: '0.05', onLimit: 'reserve' } as const;

function searching(more = {}) {
  return { tools: [{ type: 'web_search_20250305', name: 'web_search', ...more }] };
}

describe('a request is sent where its dearest outcome has room under the limit of $0.05', () => {
  // Output is $20 a million, and at most 1000 tokens where nothing else is said; input at most $8 a
  // million, a token for every two bytes; a search is a cent.
  test.each([
    ['output', { max_tokens: 2400 }, { max_tokens: 2600 }],
    ['input', { system: 'x'.repeat(7000) }, { system: 'x'.repeat(8000) }],
    ['searches', searching({ max_uses: 2 }), searching({ max_uses: 3 })],
    ['searches without a bound', { tools: [{ type: 'bash_20250124' }] }, searching()],
    ['higher speed', { max_tokens: 1500 }, { max_tokens: 1500, speed: 'fast' }],
    ['a dearer place', { max_tokens: 2400 }, { max_tokens: 2400, inference_geo: 'us' }],
    ['a model that nobody knows', {}, { model: 'unheard-of' }],
  ])('%s', async (_, fits, doesNot) => {
    const gateway = await start(spec);
    api.answer = reply({ usage: { input_tokens: 0, output_tokens: 0 } });
    expect((await post(gateway, fits)).status).toBe(200);
    const refused = await post(gateway, doesNot);
    expect(refused.status).toBe(402);
    expect(await refused.text()).toContain('The budget of the team demo has no room');
    expect(api.seen).toHaveLength(1);
  });
});

test('requests at once cannot pass their agent’s own limit together, and stop that agent alone', async () => {
  const gateway = await start({ ...spec, teamLimit: '10.00', agentLimit: '0.05' });
  // Each costs what it may, $0.02.
  api.answer = reply({ usage: { input_tokens: 0, output_tokens: 1000 } });
  const replies = await Promise.all(Array.from({ length: 6 }, () => post(gateway, {})));
  const texts = await Promise.all(replies.map((response) => response.text()));
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(2);
  expect(texts.filter((text) => text.includes('agent worker has no room'))).toHaveLength(4);
  expect(api.seen).toHaveLength(2);
  expect(await readStopMarker(team.root + PATHS.control)).toBeUndefined();
  expect(await readStopMarker(team.root + PATHS.gateway)).toMatchObject({ limit: '0.05' });
});

test('a request larger than the API takes is refused, and not sent', async () => {
  const gateway = await start({ ...spec, teamLimit: '1000.00' });
  const response = await post(gateway, { system: 'x'.repeat(33 * 1024 * 1024) });
  expect(response.status).toBe(413);
  expect(api.seen).toEqual([]);
});
