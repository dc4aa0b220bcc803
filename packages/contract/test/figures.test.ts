import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  MOST_AGENTS,
  parseFigures,
  plainText,
  readFigures,
  readTime,
  type TeamLive,
} from '../src/index.ts';

const tokens = { input: 1, output: 2, cacheRead: 3, cacheWrite5m: 4, cacheWrite1h: 5 };
const tasks = { total: 2, completed: 1, inProgress: 1, pending: 0 };
const agent = {
  name: 'team-lead',
  role: 'lead' as const,
  phase: 'running' as const,
  restarts: 0,
  turns: 3,
  usd: '0.000000000001',
  tokens,
  tasks,
  messagesSent: 1,
  startedAt: '2026-01-01T00:00:00.123Z',
  report: 'One.\n\tTwo.',
  waiting: {
    reason: 'usage-limit' as const,
    since: '2026-01-01T00:00:00Z',
    until: '2026-01-01T05:00:00Z',
    told: true,
  },
};
const live: TeamLive = {
  team: 'q3',
  at: '2026-01-01T00:00:00Z',
  usd: '1.5',
  limit: '5.00',
  tokens,
  tasks,
  agents: [agent],
  credentials: [{ name: 'max', usd: '0.50' }],
  stop: { reason: 'budget', agent: 'writer', message: 'spent', at: '2026-01-01T00:00:00Z' },
};

test('a gateway’s figures are read unchanged', () => {
  expect(readFigures(live)).toEqual({ figures: live });
  expect(parseFigures(JSON.stringify(live), [])).toEqual({ figures: live });
});

/** The paths of all values in a value. */
function places(value: unknown, at: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const path = [...at, name];
    return [path, ...places(inner, path)];
  });
}

function changed(path: readonly string[], value: unknown): unknown {
  const copy = structuredClone(live) as unknown as Record<string, unknown>;
  const holder = path
    .slice(0, -1)
    .reduce<Record<string, unknown>>((inner, name) => inner[name] as Record<string, unknown>, copy);
  holder[path.at(-1) ?? ''] = value;
  return copy;
}

const OPTIONAL =
  /^(limit|credentials|stop|stop\.limit|at|stop\.at|stop\.message|agents\.0\.(startedAt|report|message|role|waiting))$/;

describe('a field with a value of another type is refused', () => {
  test.each(places(live).map((path) => [path.join('.'), path] as const))('%s', (name, path) => {
    if (name === 'agents.0.role') return;
    for (const wrong of [null, {}, [], true, -1, 1.5, Number.NaN, 1e300, [null]]) {
      if (name === 'agents.0.waiting.told' && wrong === true) continue;
      const isList = name === 'agents' || name === 'credentials';
      if (isList && Array.isArray(wrong) && wrong.length === 0) continue;
      expect(readFigures(changed(path, wrong))).toEqual({ problem: expect.any(String) });
    }
    const without = readFigures(changed(path, undefined));
    expect('problem' in without).toBe(!OPTIONAL.test(name));
  });
});

test('any JSON is read or refused, and the result is read the same way again', () => {
  const path = fc.constantFrom(...places(live));
  const value = fc.oneof(fc.jsonValue() as fc.Arbitrary<unknown>, fc.string({ unit: 'binary' }));
  fc.assert(
    fc.property(
      fc.oneof(
        value,
        fc.tuple(path, value).map(([at, is]) => changed(at, is)),
      ),
      (said) => {
        const read = readFigures(said, ['writer']);
        if ('problem' in read) return expect(read.problem).not.toMatch(/\p{Cc}/u);
        expect(readFigures(read.figures, ['writer'])).toEqual(read);
        expect(JSON.stringify(read.figures)).not.toMatch(/\\u00(?!09|0a)[01]/);
      },
    ),
  );
});

test('agents that are not in the team are left out', () => {
  const invented = { ...agent, name: 'invented', usd: 'a lot' };
  const writer = { ...agent, name: 'writer', role: 'lead' };
  const read = readFigures({ ...live, agents: [agent, invented, writer] }, ['writer']);
  expect('figures' in read && read.figures.agents.map(({ name, role }) => [name, role])).toEqual([
    ['team-lead', 'lead'],
    ['writer', 'teammate'],
  ]);
});

test('duplicate agents and too many agents are refused', () => {
  expect(readFigures({ ...live, agents: [agent, agent] })).toEqual({
    problem: 'an agent is listed twice',
  });
  const many = Array.from({ length: MOST_AGENTS + 1 }, (_, index) => ({
    ...agent,
    name: `a${index}`,
  }));
  expect(readFigures({ ...live, agents: many })).toEqual({ problem: expect.any(String) });
});

test('long texts are shortened and control characters are removed', () => {
  const report = `\u001b[31m${'x'.repeat(10_000)}\ud800`;
  const read = readFigures({ ...live, agents: [{ ...agent, report }] });
  const shown = 'figures' in read ? (read.figures.agents[0]?.report ?? '') : '';
  expect(shown).toHaveLength(4095);
  expect(shown).toMatch(/^\[31mx+…$/);
  expect(plainText('a\u202eb\r\n\u0085c', 100)).toBe('ab\nc');
  expect(plainText('\ud83d', 100)).toBe('\ufffd');
});

test.each([
  ['2026-02-28T23:59:59Z', true],
  ['2026-02-28T23:59:59.123456789+02:00', true],
  ['2026-02-30T00:00:00Z', false],
  ['2026-13-01T00:00:00Z', false],
  ['2026-01-01T24:00:01Z', false],
  ['2026-01-01', false],
  ['now', false],
])('%s is a time: %s', (text, holds) => {
  expect(readTime(text)).toBe(holds ? text : undefined);
});
