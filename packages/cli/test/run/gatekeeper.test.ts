import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentTeam } from '@agentteam/api';
import { gateStep } from '@agentteam/contract';
import { decide } from '@agentteam/local';
import { describe, expect, test } from '@jest/globals';
import {
  checkApprovals,
  defaultAnswer,
  Gatekeeper,
  type GatePolicy,
} from '../../src/run/gatekeeper.ts';
import type { HostedTeam } from '../../src/teams/team-host.ts';
import { madeRun } from '../fixtures.ts';
import { temporaryDirectories } from '../temporary.ts';

const temporary = temporaryDirectories();

const team = {
  metadata: { name: 't' },
  spec: {
    lifecycle: {
      approvalGates: [{ event: 'spawn-mailer', channel: 'none' }, { event: 'deliver' }],
    },
  },
} as unknown as AgentTeam;
const hosted = { team, status: {} } as unknown as HostedTeam;
const gate = { event: 'spawn-mailer', before: 'mailer' };
const never = new AbortController().signal;

function keeper(policy: Partial<GatePolicy>): {
  readonly keeper: Gatekeeper;
  readonly decided: string[];
  readonly notes: string[];
} {
  const decided: string[] = [];
  const notes: string[] = [];
  const actions = {
    decide: async (event: string, decision: string, by: string) => {
      decided.push(`${event} ${decision} by ${by}`);
    },
    note: (text: string) => notes.push(text),
  };
  return {
    keeper: new Gatekeeper({ approved: [], answer: 'wait', ...policy }, actions),
    decided,
    notes,
  };
}

describe('Gatekeeper', () => {
  test.each([
    [{ approved: ['all'] }, ['spawn-mailer approve by agentteam run --approve']],
    [{ approved: ['spawn-mailer'] }, ['spawn-mailer approve by agentteam run --approve']],
    [{ approved: ['deliver'] }, []],
    [{ answer: 'approve' as const }, ['spawn-mailer approve by agentteam run --gates approve']],
    [{ answer: 'ask' as const }, []],
    [{ answer: 'wait' as const }, []],
  ])('%j', async (policy, want) => {
    const { keeper: gates, decided, notes } = keeper(policy);
    const waiting = await gates.update(hosted, [gate], never);
    expect(waiting).toEqual(want.length === 0 ? [gate] : []);
    expect(decided).toEqual(want);
    expect(notes).toHaveLength(want.length);
  });

  test('answers an open gate once', async () => {
    const { keeper: gates, decided } = keeper({ answer: 'approve' });
    await gates.update(hosted, [gate], never);
    await gates.update(hosted, [gate], never);
    expect(decided).toHaveLength(1);
  });

  test('notes that another person answered the gate first', async () => {
    const run = await madeRun(await temporary());
    const event = 'spawn-email-drafter';
    const step = { displayName: gateStep(event), type: 'Suspend', phase: 'Succeeded' };
    const answered = { ...(await run.workflow()), status: { nodes: { gate: step } } };
    await writeFile(join(run.directory, 'workflow.json'), JSON.stringify(answered));
    const notes: string[] = [];
    const gates = new Gatekeeper(
      { approved: ['all'], answer: 'wait' },
      {
        decide: async (answered, decision, by) =>
          decide(run.directory, gateStep(answered), decision, { by }),
        note: (text) => notes.push(text),
      },
    );
    await gates.update(hosted, [{ event, before: 'email-drafter' }], never);
    expect(notes).toEqual([`◆ ${event}: the gate is already closed`]);
  });
});

test('by default a rehearsal approves gates, a real run waits, and a terminal asks', () => {
  expect(defaultAnswer(true, true)).toBe('ask');
  expect(defaultAnswer(true, false)).toBe('ask');
  expect(defaultAnswer(false, true)).toBe('approve');
  expect(defaultAnswer(false, false)).toBe('wait');
});

test('refuses to approve a gate that does not exist', () => {
  expect(() => checkApprovals(team, ['all', 'deliver'])).not.toThrow();
  expect(() => checkApprovals(team, ['spawn-mailr'])).toThrow('no such gate');
});
