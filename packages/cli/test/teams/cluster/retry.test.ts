import type { NodeStatus, Workflow } from '@agentteam/argo';
import { expect, test } from '@jest/globals';
import { alsoRepeated } from '../../../src/teams/cluster/retry.ts';
import { unapprovedGates } from '../../../src/teams/repeated-steps.ts';

function ended(...nodes: readonly Partial<NodeStatus>[]): Workflow {
  const entries = nodes.map((node, at) => [`n-${at}`, { id: `n-${at}`, ...node }]);
  return { metadata: {}, spec: {}, status: { nodes: Object.fromEntries(entries) } } as Workflow;
}

test('a gate that was stopped and the roll-call are named, by all that is neither', () => {
  const workflow = ended(
    { displayName: 'poor', type: 'DAG', phase: 'Failed' },
    { displayName: 'Lead', type: 'Retry', phase: 'Failed', templateName: 'lead' },
    { displayName: 'Lead(0)', type: 'Pod', phase: 'Failed', templateName: 'lead' },
    { displayName: 'Approve-spawn-api', type: 'Suspend', phase: 'Succeeded' },
    { displayName: 'Approve-spawn-editor', type: 'Suspend', phase: 'Failed' },
    { displayName: 'editor', type: 'Skipped', phase: 'Omitted' },
    { displayName: 'Roll-call', type: 'Retry', phase: 'Succeeded', templateName: 'roll-call' },
    { displayName: 'Roll-call(0)', type: 'Pod', phase: 'Succeeded', templateName: 'roll-call' },
  );
  expect(alsoRepeated(workflow, [])).toEqual([
    '--restart-successful',
    '--node-field-selector=displayName!=poor,displayName!=Lead,displayName!=Lead(0),displayName!=Approve-spawn-api,displayName!=editor',
  ]);
});

test('with a teammate that failed the lead is named, which has to bring the work together again', () => {
  const workflow = ended(
    { displayName: 'poor', type: 'DAG', phase: 'Failed' },
    { displayName: 'Lead', type: 'Retry', phase: 'Succeeded', templateName: 'lead' },
    { displayName: 'Lead(0)', type: 'Pod', phase: 'Succeeded', templateName: 'lead' },
    { displayName: 'api', type: 'Retry', phase: 'Succeeded', templateName: 'agent-api' },
    { displayName: 'web', type: 'Retry', phase: 'Failed', templateName: 'agent-web' },
  );
  expect(alsoRepeated(workflow, []).at(-1)).toBe(
    '--node-field-selector=displayName!=poor,displayName!=api,displayName!=web',
  );
});

test('where there is neither, Argo repeats what failed of its own accord', () => {
  const failed = { displayName: 'Lead(0)', type: 'Pod', phase: 'Failed', templateName: 'lead' };
  expect(alsoRepeated(ended({ displayName: 'poor', type: 'DAG' }, failed), [])).toEqual([]);
});

test('gates that are not approved open again, and the lead works again where a teammate stands behind one', () => {
  const workflow = ended(
    { displayName: 'poor', type: 'DAG', phase: 'Succeeded' },
    { displayName: 'Lead', type: 'Retry', phase: 'Succeeded', templateName: 'lead' },
    { displayName: 'Approve-spawn-api', type: 'Suspend', phase: 'Succeeded' },
    { displayName: 'Approve-deliver', type: 'Suspend', phase: 'Succeeded' },
  );
  const named = (...rejected: readonly string[]) => {
    const unapproved = unapprovedGates({
      approvals: ['spawn-api', 'deliver'].map((event) => ({
        event,
        decision: rejected.includes(event) ? 'reject' : 'approve',
        via: 'agentteam',
      })),
    });
    return alsoRepeated(workflow, unapproved).at(-1);
  };
  expect(named()).toBeUndefined();
  // The work is done and paid for: the delivery alone is repeated.
  expect(named('deliver')).toBe(
    '--node-field-selector=displayName!=poor,displayName!=Lead,displayName!=Approve-spawn-api',
  );
  expect(named('spawn-api')).toBe(
    '--node-field-selector=displayName!=poor,displayName!=Approve-deliver',
  );
});
