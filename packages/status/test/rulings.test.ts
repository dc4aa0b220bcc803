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

describe('of a gate that only the controller can open', () => {
  test('the proof tells that it was opened, and the votes by whom', () => {
    const forged = { decision: 'reject', 'decided-by': 'mallory', proof: PROOF };
    expect(recorded(ended(forged), { answer: BOTH })).toMatchObject({
      ...{ decision: 'approve', by: 'ada, bob', reason: 'read it' },
    });
  });

  test('nothing that its outputs claim counts without the proof', () => {
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

  test('the team is said to be rejected, and what waited for it to be left out', () => {
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

  test('a rejection is the voter’s, and the end of its time is nobody’s', () => {
    const no = { decision: 'reject', by: 'bob' } as const;
    expect(recorded(ended({}), { answer: no })).toMatchObject({ decision: 'reject', by: 'bob' });
    const late = recorded(ended({ 'decided-by': 'ada' }), { timeoutSeconds: 60 });
    expect(late).toMatchObject({ decision: 'reject', via: 'timeout' });
    expect(late).not.toHaveProperty('by');
    expect(recorded(ended({}), { timeoutSeconds: 61 })).toMatchObject({ via: 'argo' });
  });

  test('outputs that somebody writes while it waits are told of', () => {
    const waits = { phase: 'Running', startedAt: STARTED };
    const forged = recorded({ ...waits, outputs: outputs({ decision: 'approve' }) });
    expect(forged?.attempted).toContain('outputs were written');
    expect(forged).not.toHaveProperty('decision');
    expect(recorded(waits)).not.toHaveProperty('attempted');
  });

  test('what was recorded at its end stays, whatever is voted or written afterwards', () => {
    const opened = status(ended({ proof: PROOF }), { answer: BOTH });
    const later = { answer: { decision: 'reject', by: 'carol' } as const };
    expect(recorded(ended({ proof: PROOF }), later, opened)).toEqual(opened.approvals?.[0]);
    const overwritten = recorded(ended({ 'decided-by': 'mallory' }), later, opened);
    expect(overwritten).toMatchObject({ decision: 'approve', by: 'ada, bob' });
    expect(overwritten?.attempted).toContain('overwritten');
    // Where the step behind it did not begin for that, nothing was approved in effect.
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

  test('votes for an earlier spec are named', () => {
    const waits = { phase: 'Running', startedAt: STARTED };
    expect(recorded(waits, { voided: ['ada'] })).toMatchObject({ voided: ['ada'] });
  });
});
