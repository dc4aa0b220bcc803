import type { NodeStatus, Workflow } from '@agentteam/argo';
import { expect, test } from '@jest/globals';
import { selectorFlags } from '../../../src/teams/cluster/retry.ts';
import { unapprovedGates } from '../../../src/teams/repeated-steps.ts';

function ended(...nodes: readonly Partial<NodeStatus>[]): Workflow {
  const entries = nodes.map((node, at) => [`n-${at}`, { id: `n-${at}`, ...node }]);
  return { metadata: {}, spec: {}, status: { nodes: Object.fromEntries(entries) } } as Workflow;
}

test('selects a stopped gate and the roll call by excluding all other nodes', () => {
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
  expect(selectorFlags(workflow, [])).toEqual([
    '--restart-successful',
    '--node-field-selector=displayName!=poor,displayName!=Lead,displayName!=Lead(0),displayName!=Approve-spawn-api,displayName!=editor',
  ]);
});

test('selects the lead when a teammate failed, because the lead combines the work', () => {
  const workflow = ended(
    { displayName: 'poor', type: 'DAG', phase: 'Failed' },
    { displayName: 'Lead', type: 'Retry', phase: 'Succeeded', templateName: 'lead' },
    { displayName: 'Lead(0)', type: 'Pod', phase: 'Succeeded', templateName: 'lead' },
    { displayName: 'api', type: 'Retry', phase: 'Succeeded', templateName: 'agent-api' },
    { displayName: 'web', type: 'Retry', phase: 'Failed', templateName: 'agent-web' },
  );
  expect(selectorFlags(workflow, []).at(-1)).toBe(
    '--node-field-selector=displayName!=poor,displayName!=api,displayName!=web',
  );
});

test('needs no selector when only pods failed', () => {
  const failed = { displayName: 'Lead(0)', type: 'Pod', phase: 'Failed', templateName: 'lead' };
  expect(selectorFlags(ended({ displayName: 'poor', type: 'DAG' }, failed), [])).toEqual([]);
});

test('selects unapproved gates, and the lead when a teammate waits behind such a gate', () => {
  const workflow = ended(
    { displayName: 'poor', type: 'DAG', phase: 'Succeeded' },
    { displayName: 'Lead', type: 'Retry', phase: 'Succeeded', templateName: 'lead' },
    { displayName: 'Approve-spawn-api', type: 'Suspend', phase: 'Succeeded' },
    { displayName: 'Approve-deliver', type: 'Suspend', phase: 'Succeeded' },
  );
  const selector = (...rejected: readonly string[]) => {
    const unapproved = unapprovedGates({
      approvals: ['spawn-api', 'deliver'].map((event) => ({
        event,
        decision: rejected.includes(event) ? 'reject' : 'approve',
        via: 'agentteam',
      })),
    });
    return selectorFlags(workflow, unapproved).at(-1);
  };
  expect(selector()).toBeUndefined();
  // The work is complete, so only the delivery is repeated.
  expect(selector('deliver')).toBe(
    '--node-field-selector=displayName!=poor,displayName!=Lead,displayName!=Approve-spawn-api',
  );
  expect(selector('spawn-api')).toBe(
    '--node-field-selector=displayName!=poor,displayName!=Approve-deliver',
  );
});
