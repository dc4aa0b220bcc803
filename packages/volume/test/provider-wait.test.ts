import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentPhase, ProviderWait } from '@agentteam/contract';
import { LedgerReader } from '@agentteam/ledger';
import { expect, test } from '@jest/globals';
import {
  readLive,
  readProviderRefusal,
  readProviderWait,
  removeProviderRefusal,
  removeProviderWait,
  writeAgentState,
  writeProviderRefusal,
  writeProviderWait,
} from '../src/index.ts';
import { temporaryDirectory, temporaryTeam } from './temporary.ts';

const WAIT: ProviderWait = {
  reason: 'no-connection',
  detail: 'ENOTFOUND',
  since: '2026-11-29T12:00:00Z',
  until: '2026-11-29T12:01:00Z',
  told: false,
};

test('a wait is read as it was written, until it is removed', async () => {
  const control = await temporaryDirectory();
  expect(await readProviderWait(control, 'worker')).toBeUndefined();
  await writeProviderWait(control, 'worker', WAIT);
  expect(await readProviderWait(control, 'worker')).toEqual(WAIT);
  await removeProviderWait(control, 'worker');
  expect(await readProviderWait(control, 'worker')).toBeUndefined();
});

test.each([
  ['a file that is cut off', '{"reason":"no-conn'],
  ['an unknown reason', JSON.stringify({ ...WAIT, reason: 'holidays' })],
  ['an invalid time', JSON.stringify({ ...WAIT, until: 'tomorrow' })],
  ['text instead of a code', JSON.stringify({ ...WAIT, detail: 'click here' })],
])('%s is not a wait', async (_, text) => {
  const control = await temporaryDirectory();
  await mkdir(join(control, 'waiting'));
  await writeFile(join(control, 'waiting/worker.json'), text);
  expect(await readProviderWait(control, 'worker')).toBeUndefined();
});

test('a link that replaces a wait is not followed', async () => {
  const control = await temporaryDirectory();
  await mkdir(join(control, 'waiting'));
  await writeFile(join(control, 'elsewhere.json'), JSON.stringify(WAIT));
  await symlink('../elsewhere.json', join(control, 'waiting/worker.json'));
  expect(await readProviderWait(control, 'worker')).toBeUndefined();
});

test('a refusal is read as it was written, until it is removed', async () => {
  const directory = await temporaryDirectory();
  const refusal = { message: 'no', exitCode: 68, final: true } as const;
  expect(await readProviderRefusal(directory)).toBeUndefined();
  await writeProviderRefusal(directory, refusal);
  expect(await readProviderRefusal(directory)).toEqual(refusal);
  await removeProviderRefusal(directory);
  expect(await readProviderRefusal(directory)).toBeUndefined();
});

test.each<[string, AgentPhase, string | undefined, boolean]>([
  ['is running', 'running', undefined, true],
  ['was stopped while it was waiting', 'stopped', '2026-11-29T12:00:30Z', true],
  ['has completed since', 'completed', '2026-11-29T12:00:30Z', false],
  ['has failed since', 'failed', '2026-11-29T12:00:30Z', false],
  ['completed before, and fixes failed checks', 'completed', '2026-11-29T11:00:00Z', true],
])(
  'the live snapshot of an agent that %s shows the right wait',
  async (_, phase, endedAt, shown) => {
    const native = await temporaryTeam();
    const [control, state] = [await temporaryDirectory(), await temporaryDirectory()];
    await mkdir(join(state, 'worker'));
    await writeAgentState(join(state, 'worker'), {
      name: 'worker',
      ...{ phase, attempt: 0, sessionId: 's', startedAt: '2026-11-29T10:00:00Z', turns: 1 },
      ...(endedAt === undefined ? {} : { endedAt }),
    });
    await writeProviderWait(control, 'worker', WAIT);
    const { totals: ledger } = new LedgerReader(join(control, 'no-ledger'));
    const { agents } = await readLive({ native, state, control, ledger });
    expect(agents.map(({ waiting }) => waiting)).toEqual([shown ? WAIT : undefined]);
  },
);
