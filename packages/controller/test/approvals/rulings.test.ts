import { expect, test } from '@jest/globals';
import { altered, team } from '../../../status/test/fixture.ts';
import { rulingsOf } from '../../src/approvals/rulings.ts';
import { storeWorkflow } from '../../src/argo/stored.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import type { StoredTeam } from '../../src/reconcile/stored.ts';

const KEY = Buffer.alloc(32, 7);
const gate = { event: 'deliver', channel: 'none', requiredApprovals: 2, allowAuthor: true };

/** @param onComplete what the team's spec says by now. */
function rulings(onComplete: string, guarded: boolean) {
  const lifecycle = { ...team.spec.lifecycle, onComplete, approvalGates: [gate] };
  const seen = altered('running', {});
  const proof = 'f'.repeat(64);
  const when = `{{=sprig.sha256sum(tasks['Approve-deliver']?.outputs?.parameters?.proof ?? '') == '${proof}'}}`;
  const workflow = storeWorkflow({
    ...seen,
    metadata: { ...seen.metadata, annotations: { 'claude.amcheste.io/spec': 'of the run' } },
    spec: {
      templates: guarded ? [{ name: 'team', dag: { tasks: [{ name: 'Deliver', when }] } }] : [],
    },
  } as unknown as KubeObject);
  const object = { ...team, spec: { ...team.spec, lifecycle } } as unknown as StoredTeam;
  return Object.keys(rulingsOf(object, workflow, KEY));
}

test('the gate of a run’s delivery stays its approvers’ when the team’s spec delivers nothing any more', () => {
  expect(rulings('create-pr', true)).toEqual(['deliver']);
  expect(rulings('none', true)).toEqual(['deliver']);
  expect(rulings('none', false)).toEqual([]);
});
