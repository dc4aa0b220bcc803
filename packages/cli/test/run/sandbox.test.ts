import { describe, expect, test } from '@jest/globals';
import { checkReach, sandboxChoice, sandboxWarnings } from '../../src/run/sandbox.ts';
import type { RunRecord } from '../../src/teams/local/run-record.ts';
import { madeRun } from '../fixtures.ts';
import { temporaryDirectories } from '../temporary.ts';

const temporary = temporaryDirectories();

async function record(changes: Partial<RunRecord>): Promise<RunRecord> {
  return (await madeRun(await temporary(), changes)).record;
}

const options = { record: false, prices: false, keep: false };

describe('sandboxChoice', () => {
  test.each([
    [undefined, false, 'required'],
    [undefined, true, 'optional'],
    [true, true, 'required'],
    [true, false, 'required'],
    [false, false, 'none'],
  ] as const)('option %j, rehearsal %j: %s', (option, rehearsal, choice) => {
    expect(sandboxChoice(option, rehearsal)).toBe(choice);
  });
});

describe('sandboxWarnings', () => {
  test('warns of a run without a sandbox', async () => {
    const [warning] = sandboxWarnings(await record({ sandbox: 'none' }), false);
    const user = process.getuid?.() === 0 ? 'root' : 'you';
    expect(warning).toBe(`! no sandbox: agents can read and change everything that ${user} can`);
  });

  test('warns of a shared network', async () => {
    const shared = { sandbox: 'required', options: { ...options, network: 'host' } } as const;
    const [warning] = sandboxWarnings(await record(shared), true);
    expect(warning).toMatch(/^! --network host: .*localhost/);
  });

  test('is empty otherwise', async () => {
    expect(sandboxWarnings(await record({ sandbox: 'required' }), true)).toEqual([]);
  });
});

describe('--reach', () => {
  test.each(['registry.example', '10.0.0.0/8', '192.168.1.7', 'fc00::/7'])(
    'accepts %s',
    (entry) => {
      expect(() => checkReach({ reach: [entry] })).not.toThrow();
    },
  );

  test.each(['', 'https://registry.example', 'a,b', '10.0.0.0/8/8', 'a b'])(
    'refuses %j',
    (entry) => {
      expect(() => checkReach({ reach: [entry] })).toThrow(/is not a host or a network/);
    },
  );

  test('cannot be combined with --network host', () => {
    expect(() => checkReach({ network: 'host', reach: ['10.0.0.0/8'] })).toThrow(/--network host/);
  });
});
