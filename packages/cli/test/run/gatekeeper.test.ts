import type { AgentTeam } from '@agentteam/api';
import { describe, expect, test } from '@jest/globals';
import type { HostedTeam } from '../../src/host/team-host.ts';
import {
  checkApprovals,
  defaultAnswer,
  Gatekeeper,
  type GatePolicy,
} from '../../src/run/gatekeeper.ts';

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
  const whole: GatePolicy = { approved: [], answer: 'wait', ...policy };
  return { keeper: new Gatekeeper(whole, actions), decided, notes };
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
    const waiting = await gates.see(hosted, [gate], never);
    expect(waiting).toEqual(want.length === 0 ? [gate] : []);
    expect(decided).toEqual(want);
    expect(notes).toHaveLength(want.length);
  });

  test('answers a gate once, however often it is seen', async () => {
    const { keeper: gates, decided } = keeper({ answer: 'approve' });
    await gates.see(hosted, [gate], never);
    await gates.see(hosted, [gate], never);
    expect(decided).toHaveLength(1);
  });
});

test('where nothing was said a rehearsal goes through, and a real run waits for people', () => {
  expect(defaultAnswer(true, true)).toBe('ask');
  expect(defaultAnswer(true, false)).toBe('ask');
  expect(defaultAnswer(false, true)).toBe('approve');
  expect(defaultAnswer(false, false)).toBe('wait');
});

test('an approval of a gate that is not there is wrong usage', () => {
  expect(() => checkApprovals(team, ['all', 'deliver'])).not.toThrow();
  expect(() => checkApprovals(team, ['spawn-mailr'])).toThrow('no such gate');
});
