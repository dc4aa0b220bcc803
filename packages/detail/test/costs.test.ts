import type { LedgerEntry } from '@agentteam/ledger';
import { expect, test } from '@jest/globals';
import { costPoints } from '../src/costs.ts';
import { MOST_COST_POINTS } from '../src/index.ts';

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
  const entries = Array.from({ length: 5000 }, (_, index) => entry('a', index));
  const many = costPoints([entry('early', -1), ...entries]);
  expect(many.length).toBeLessThanOrEqual(MOST_COST_POINTS);
  expect(many[0]?.agent).toBe('early');
  expect(many.at(-1)).toMatchObject({ usd: '0.005', tokens: { input: 5000, cacheWrite1h: 25000 } });
});
