import type { Workflow } from '@agentteam/argo';
import { expect, test } from '@jest/globals';
import { altered, team } from '../../../status/test/fixture.ts';
import { hashOf, proofOf } from '../../src/approvals/proof.ts';
import { specHash } from '../../src/approvals/spec-hash.ts';
import { trimWorkflow } from '../../src/argo/cached-workflow.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import type { CachedTeam } from '../../src/reconcile/cached-resource.ts';
import { answersFor, nextDeadline } from '../../src/reconcile/team/approvals.ts';

const EVENT = 'spawn-email-drafter';
const GATE = `Approve-${EVENT}`;
const OPENED = Date.parse('2026-11-23T16:31:00Z');
const gateKey = Buffer.alloc(32, 7);

function waiting(approvalTimeout: string, hash?: string, since: object = {}) {
  const gate = { event: EVENT, channel: 'none', requiredApprovals: 2, allowAuthor: true } as const;
  const spec = {
    ...team.spec,
    lifecycle: { ...team.spec.lifecycle, approvalTimeout, approvalGates: [gate] },
  };
  const now = { ...spec, lifecycle: { ...spec.lifecycle, ...since } };
  const object = { ...team, spec: now } as unknown as CachedTeam;
  const digest = specHash(spec);
  const proof = hash ?? hashOf(proofOf(gateKey, object, digest, EVENT));
  const node = { phase: 'Running', startedAt: new Date(OPENED).toISOString() };
  const seen: Workflow = altered('running', { [GATE]: node });
  const when = `{{=sprig.sha256sum(tasks['${GATE}']?.outputs?.parameters?.proof ?? '') == '${proof}'}}`;
  const workflow = trimWorkflow({
    ...seen,
    metadata: { ...seen.metadata, annotations: { 'claude.amcheste.io/spec': digest } },
    spec: { templates: [{ name: 'team', dag: { tasks: [{ name: 'email-drafter', when }] } }] },
  } as unknown as KubeObject);
  return (sinceMs: number) => {
    const context = { gateKey, now: () => new Date(OPENED + sinceMs) };
    return {
      answers: answersFor(object, workflow, context).map(({ answer }) => answer.decision),
      pause: nextDeadline(object, workflow, context),
    };
  };
}

test('a gate is rejected when its time limit expires', () => {
  const at = waiting('60s');
  expect(at(20_000)).toEqual({ answers: [], pause: 40_000 });
  expect(at(59_999)).toEqual({ answers: [], pause: 1 });
  expect(at(60_000)).toMatchObject({ answers: ['reject'] });
});

test('a long time limit is split into shorter delays', () => {
  expect(waiting('40d')(0)).toEqual({ answers: [], pause: 6 * 3_600_000 });
});

test('a gate whose condition was changed is not reconciled again and again', () => {
  expect(waiting('60s', 'f'.repeat(64))(90_000)).toEqual({ answers: [], pause: undefined });
});

test('a time limit that changes while the team runs does not apply', () => {
  const at = waiting('40d', undefined, { approvalTimeout: '1s' });
  expect(at(60_000)).toEqual({ answers: [], pause: undefined });
});
