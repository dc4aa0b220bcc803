import { describe, expect, test } from '@jest/globals';
import type { RunRecord } from '../../src/teams/local/runs-directory.ts';
import { checkReach, sandboxChoice, sandboxWarnings } from '../../src/run/sandbox.ts';
import { madeRun } from '../fixtures.ts';
import { temporaryDirectories } from '../temporary.ts';

const temporary = temporaryDirectories();

async function record(changes: Partial<RunRecord>): Promise<RunRecord> {
  return (await madeRun(await temporary(), changes)).record;
}

const options = { record: false, prices: false, keep: false };

describe('whether agents run in a sandbox', () => {
  test.each([
    [undefined, false, 'required'],
    [undefined, true, 'optional'],
    [true, true, 'required'],
    [true, false, 'required'],
    [false, false, 'none'],
  ] as const)('asked %j, in a rehearsal %j: %s', (asked, rehearsal, choice) => {
    expect(sandboxChoice(asked, rehearsal)).toBe(choice);
  });
});

describe('a run says when it starts what it gives up', () => {
  test('the sandbox', async () => {
    const [words] = sandboxWarnings(await record({ sandbox: 'none' }), false);
    const user = process.getuid?.() === 0 ? 'root' : 'you';
    expect(words).toBe(`! no sandbox: agents can read and change all that ${user} can`);
  });

  test('the network of its own', async () => {
    const shared = { sandbox: 'required', options: { ...options, network: 'host' } } as const;
    const [words] = sandboxWarnings(await record(shared), true);
    expect(words).toMatch(/^! network of this machine: .*localhost/);
  });

  test('nothing otherwise', async () => {
    expect(sandboxWarnings(await record({ sandbox: 'required' }), true)).toEqual([]);
  });
});

describe('--reach', () => {
  test.each(['registry.example', '10.0.0.0/8', '192.168.1.7', 'fc00::/7'])('takes %s', (entry) => {
    expect(() => checkReach({ reach: [entry] })).not.toThrow();
  });

  test.each(['', 'https://registry.example', 'a,b', '10.0.0.0/8/8', 'a b'])(
    'refuses %j',
    (entry) => {
      expect(() => checkReach({ reach: [entry] })).toThrow(/is not a host or a network/);
    },
  );

  test('is refused with the network of the machine, which has no such rule', () => {
    expect(() => checkReach({ network: 'host', reach: ['10.0.0.0/8'] })).toThrow(/--network host/);
  });
});
