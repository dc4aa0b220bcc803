import type { AgentTeam, AgentTeamStatus } from '@agentteam/api';
import type { NodeStatus } from '@agentteam/argo';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { project, type Ruling } from '../src/index.ts';
import { altered, team } from './fixture.ts';

const EVENT = 'spawn-email-drafter';
const GATE = `Approve-${EVENT}`;
const PROOF = 'only the controller knows';
const STARTED = '2026-11-23T16:31:00Z';
const outputs = (values: Readonly<Record<string, string>>) => ({
  parameters: Object.entries(values).map(([name, value]) => ({ name, value })),
});
const ended = (values: Readonly<Record<string, string>>, finishedAt = '2026-11-23T16:32:00Z') => ({
  ...{ phase: 'Succeeded', startedAt: STARTED, finishedAt, outputs: outputs(values) },
});

function status(
  gate: Partial<NodeStatus>,
  ruling: Partial<Ruling> = {},
  before: AgentTeamStatus | undefined = undefined,
): AgentTeamStatus {
  const seen = altered('running', { [GATE]: gate });
  const known: AgentTeam = before === undefined ? team : { ...team, status: before };
  return project(seen, undefined, known, { [EVENT]: { proof: PROOF, voided: [], ...ruling } });
}
const recorded = (...given: Parameters<typeof status>) => status(...given).approvals?.[0];
const BOTH = { decision: 'approve', by: 'ada, bob', reason: 'read it' } as const;

describe('a gate that only the controller can open', () => {
  test('is approved by its proof, and the votes say by whom', () => {
    const forged = { decision: 'reject', 'decided-by': 'mallory', proof: PROOF };
    expect(recorded(ended(forged), { answer: BOTH })).toMatchObject({
      ...{ decision: 'approve', by: 'ada, bob', reason: 'read it' },
    });
  });

  test('stays closed without the proof, whatever its outputs say', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom('decision', 'decided-by', 'reason', 'proof', 'x'),
          fc.constantFrom('approve', 'reject', 'ada', ''),
        ),
        fc.option(fc.constant(BOTH), { nil: undefined }),
        fc.constantFrom('Resumed by: map[Email:tess@example.com]', undefined),
        (values, answer, message) => {
          const node = { ...ended(values), ...(message !== undefined && { message }) };
          const one = recorded(node, answer === undefined ? {} : { answer });
          expect(one).toMatchObject({ decision: 'reject', via: 'argo' });
          expect(one).not.toHaveProperty('by');
          const asked = answer === undefined ? "without the approvers' decision" : 'overwritten';
          expect(one?.attempted).toContain(asked);
          if (answer === undefined && message !== undefined) {
            expect(one?.attempted).toContain('tess@example.com');
          }
        },
      ),
    );
  });

  test('rejects the team if it ends without the approvers’ decision', () => {
    const seen = altered('running', {
      [GATE]: ended({ decision: 'approve', 'decided-by': 'ada' }),
      'email-drafter': { type: 'Skipped', phase: 'Skipped' },
    });
    const { message } = project(
      { ...seen, status: { ...seen.status, phase: 'Succeeded', finishedAt: STARTED } },
      undefined,
      team,
      { [EVENT]: { proof: PROOF, voided: [] } },
    );
    expect(message).toContain("ended without the approvers' decision");
  });

  test('names the voter of a rejection, and no one for a timeout', () => {
    const no = { decision: 'reject', by: 'bob' } as const;
    expect(recorded(ended({}), { answer: no })).toMatchObject({ decision: 'reject', by: 'bob' });
    const late = recorded(ended({ 'decided-by': 'ada' }), { timeoutSeconds: 60 });
    expect(late).toMatchObject({ decision: 'reject', via: 'timeout' });
    expect(late).not.toHaveProperty('by');
    expect(recorded(ended({}), { timeoutSeconds: 61 })).toMatchObject({ via: 'argo' });
  });

  test('reports outputs that are written while it waits', () => {
    const waits = { phase: 'Running', startedAt: STARTED };
    const forged = recorded({ ...waits, outputs: outputs({ decision: 'approve' }) });
    expect(forged?.attempted).toContain('outputs were written');
    expect(forged).not.toHaveProperty('decision');
    expect(recorded(waits)).not.toHaveProperty('attempted');
  });

  test('keeps the decision that was recorded when it ended', () => {
    const opened = status(ended({ proof: PROOF }), { answer: BOTH });
    const later = { answer: { decision: 'reject', by: 'carol' } as const };
    expect(recorded(ended({ proof: PROOF }), later, opened)).toEqual(opened.approvals?.[0]);
    const overwritten = recorded(ended({ 'decided-by': 'mallory' }), later, opened);
    expect(overwritten).toMatchObject({ decision: 'approve', by: 'ada, bob' });
    expect(overwritten?.attempted).toContain('overwritten');
    // If the step behind it did not start because of that, the approval had no effect.
    const { status: now, ...workflow } = altered('running', {
      [GATE]: ended({ 'decided-by': 'mallory' }),
    });
    const skipped = { id: 'x', name: 'x', displayName: 'email-drafter', type: 'Skipped' };
    const seen = {
      ...workflow,
      status: { ...now, nodes: { ...now?.nodes, x: { ...skipped, phase: 'Skipped' } } },
    };
    const known = { ...team, status: opened };
    const ruling = { [EVENT]: { proof: PROOF, voided: [] } };
    const left = project(seen, undefined, known, ruling).approvals?.[0];
    expect(left).toMatchObject({
      decision: 'reject',
      attempted: expect.stringContaining('overwritten'),
    });
    expect(left).not.toHaveProperty('by');
  });

  test('names the people whose votes were for an earlier spec', () => {
    const waits = { phase: 'Running', startedAt: STARTED };
    expect(recorded(waits, { voided: ['ada'] })).toMatchObject({ voided: ['ada'] });
  });
});
