import type { LedgerEntry } from '@agentteam/ledger';
import { expect, test } from '@jest/globals';
import { MOST_COST_POINTS } from '../src/index.ts';
import { costPoints } from '../src/volume/costs.ts';

const entry = (agent: string, minute: number): LedgerEntry => ({
  v: 1,
  id: `${agent}-${minute}`,
  state: 'done',
  at: new Date(Date.UTC(2026, 10, 29, 0, minute)).toISOString(),
  team: 'crew',
  agent,
  model: 'haiku',
  tokens: { input: 1, output: 2, cacheRead: 3, cacheWrite5m: 4, cacheWrite1h: 5 },
  webSearches: 0,
  usd: '0.000001',
  basis: 'list',
  status: 200,
  messagesSent: 0,
});

test('costs add up for each agent, and long runs keep the last point of each', () => {
  const few = costPoints([entry('b', 2), entry('a', 1), entry('a', 3)]);
  expect(few.map(({ agent, usd }) => [agent, usd])).toEqual([
    ['a', '0.000001'],
    ['b', '0.000001'],
    ['a', '0.000002'],
  ]);
  expect(few.at(-1)?.usdByClass).toEqual({
    input: expect.any(String),
    output: expect.any(String),
    cacheRead: expect.any(String),
    cacheWrite: expect.any(String),
    other: '0.00',
  });
  const entries = Array.from({ length: 5000 }, (_, index) => entry('a', index));
  const many = costPoints([entry('early', -1), ...entries]);
  expect(many.length).toBeLessThanOrEqual(MOST_COST_POINTS);
  expect(many[0]?.agent).toBe('early');
  expect(many.at(-1)).toMatchObject({ usd: '0.005', tokens: { input: 5000, cacheWrite1h: 25000 } });
});

test('the amounts of the classes of tokens add up to the cost, in the ratio of the list prices', () => {
  const [point] = costPoints([
    {
      ...entry('a', 0),
      model: 'claude-opus-5-5',
      tokens: { input: 100, output: 100, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 },
      webSearches: 1,
      usd: '0.022',
    },
  ]);
  expect(point?.usdByClass).toEqual({
    input: '0.002',
    output: '0.01',
    cacheRead: '0.00',
    cacheWrite: '0.00',
    other: '0.01',
  });
});

test('the points of a team that goes on mostly stay the same', () => {
  const entries = Array.from({ length: 5000 }, (_, index) => entry('a', index));
  const before = costPoints(entries.slice(0, 4990));
  const after = costPoints(entries);
  const known = new Set(after.map(({ at }) => at));
  expect(before.filter(({ at }) => !known.has(at)).length).toBeLessThanOrEqual(1);
});
