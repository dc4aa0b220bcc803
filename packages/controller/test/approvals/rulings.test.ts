import { expect, test } from '@jest/globals';
import { altered, team } from '../../../status/test/fixture.ts';
import { rulingsOf } from '../../src/approvals/rulings.ts';
import { trimWorkflow } from '../../src/argo/cached-workflow.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import type { CachedTeam } from '../../src/reconcile/cached-resource.ts';

const KEY = Buffer.alloc(32, 7);
const gate = { event: 'deliver', channel: 'none', requiredApprovals: 2, allowAuthor: true };

/** @param onComplete the current value in the team's spec. */
function rulings(onComplete: string, guarded: boolean) {
  const lifecycle = { ...team.spec.lifecycle, onComplete, approvalGates: [gate] };
  const seen = altered('running', {});
  const proof = 'f'.repeat(64);
  const when = `{{=sprig.sha256sum(tasks['Approve-deliver']?.outputs?.parameters?.proof ?? '') == '${proof}'}}`;
  const workflow = trimWorkflow({
    ...seen,
    metadata: { ...seen.metadata, annotations: { 'claude.amcheste.io/spec': 'of the run' } },
    spec: {
      templates: guarded ? [{ name: 'team', dag: { tasks: [{ name: 'Deliver', when }] } }] : [],
    },
  } as unknown as KubeObject);
  const object = { ...team, spec: { ...team.spec, lifecycle } } as unknown as CachedTeam;
  return Object.keys(rulingsOf(object, workflow, KEY));
}

test('the delivery gate of a run keeps its approvers when the team’s spec no longer delivers', () => {
  expect(rulings('create-pr', true)).toEqual(['deliver']);
  expect(rulings('none', true)).toEqual(['deliver']);
  expect(rulings('none', false)).toEqual([]);
});
