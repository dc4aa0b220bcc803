import { moneyText } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import { aggregate, cacheHitRate, NO_TOKENS } from '../src/index.ts';
import { entry } from './entry.ts';

test('costs are added up by agent and model, the most expensive first', () => {
  const haiku = 'claude-haiku-5-5';
  const rows = aggregate([
    entry({ id: '1', usd: '0.10', webSearches: 1 }),
    entry({ id: '2', usd: '0.20', webSearches: 2, cut: true }),
    entry({ id: '3', usd: '0.01', model: haiku }),
    entry({ id: '4', usd: '0.50', agent: 'team-lead', basis: 'unknown' }),
    entry({ id: '5', usd: '0.00', status: 529 }),
    entry({ id: '6', usd: '0.70', state: 'open' }),
    entry({ id: '7', usd: '0.02', status: 500, cut: true, model: haiku }),
    entry({ id: '8', usd: '0.00', agent: 'writer', model: 'at-no-cost' }),
  ]);
  const shown = rows.map(
    ({ agent, model, replies, tokens, webSearches, usd, basis, estimated }) => {
      return [agent, model, replies, tokens.input, webSearches, moneyText(usd), basis, estimated];
    },
  );
  expect(shown).toEqual([
    ['team-lead', 'claude-opus-5-5', 1, 10, 0, '0.50', 'unknown', 0],
    ['worker', 'claude-opus-5-5', 2, 20, 3, '0.30', 'list', 1],
    ['worker', haiku, 2, 20, 0, '0.03', 'list', 1],
    ['writer', 'at-no-cost', 1, 10, 0, '0.00', 'list', 0],
  ]);
});

test('the cache hit rate is the cached share of all prompt tokens', () => {
  expect(cacheHitRate(NO_TOKENS)).toBe(0);
  expect(
    cacheHitRate({ ...NO_TOKENS, input: 10, cacheRead: 30, cacheWrite5m: 20, output: 99 }),
  ).toBe(0.5);
});
