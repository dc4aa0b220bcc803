import type { CostPoint } from '@agentteam/detail';
import { expect, test } from '@jest/globals';
import { costChart } from '../src/index.ts';

const point = (agent: string, minute: number, input: number, output: number): CostPoint => ({
  at: new Date(Date.UTC(2026, 10, 29, 10, minute)).toISOString(),
  agent,
  usd: String(input + output),
  usdByClass: {
    input: String(input),
    output: String(output),
    cacheRead: '0',
    cacheWrite: '0',
    other: '0',
  },
  tokens: { input, output, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 },
});
const SIZE = { width: 100, height: 50 };
const POINTS = [point('a', 0, 1, 0), point('b', 1, 1, 2), point('a', 2, 2, 3)];

test('the bands of agents and of classes add up to the same sum', () => {
  const byAgent = costChart(POINTS, { ...SIZE, grouping: 'agent', showsLimit: false });
  expect(byAgent).toMatchObject({
    usd: 8,
    bands: [
      { name: 'a', usd: 5 },
      { name: 'b', usd: 3 },
    ],
  });
  const byClass = costChart(POINTS, { ...SIZE, grouping: 'class', showsLimit: false });
  expect(byClass).toMatchObject({
    usd: 8,
    line: byAgent?.line,
    bands: [
      { name: 'output', usd: 5 },
      { name: 'input', usd: 3 },
    ],
  });
});

test('the budget has a line if the chart reaches it', () => {
  const options = { ...SIZE, grouping: 'agent', limit: 100 } as const;
  expect(costChart(POINTS, { ...options, showsLimit: false })?.limitY).toBeUndefined();
  expect(costChart(POINTS, { ...options, showsLimit: true })?.limitY).toBe(0);
});

test('of many agents, those that spent least share a band', () => {
  const many = Array.from({ length: 64 }, (_, index) => point(`a${index}`, index, index, 1));
  const chart = costChart(many, { ...SIZE, grouping: 'agent', showsLimit: false });
  expect(chart?.bands).toHaveLength(8);
  expect(chart?.bands.at(-1)?.name).toBe('others');
  expect(chart?.usd).toBe(many.reduce((sum, { usd }) => sum + Number(usd), 0));
});

test.each([1, 300, 1_400, 2_600, 5_000, 90_000])(
  'the ticks of a run of %d ms are on different whole seconds',
  (ms) => {
    const start = Date.UTC(2026, 10, 29, 10, 0, 0, 700);
    const points = [start, start + ms].map((at, index) => ({
      ...point('a', 0, index + 1, 0),
      at: new Date(at).toISOString(),
    }));
    const chart = costChart(points, { ...SIZE, grouping: 'agent', showsLimit: false });
    const times = chart?.xTicks.map(({ at }) => at) ?? [];
    expect(times.length).toBeGreaterThan(0);
    expect(times.filter((at) => !at.endsWith('.000Z'))).toEqual([]);
    expect(new Set(times).size).toBe(times.length);
  },
);
