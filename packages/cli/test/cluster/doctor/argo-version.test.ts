import { expect, test } from '@jest/globals';
import type { V1Deployment } from '@kubernetes/client-node';
import { examineArgo } from '../../../src/cluster/doctor/deployments.ts';

function argo(version: string): V1Deployment {
  const image = `quay.io/argoproj/workflow-controller:${version}`;
  return {
    metadata: { name: 'workflow-controller', namespace: 'argo' },
    spec: { selector: {}, template: { spec: { containers: [{ name: 'main', image }] } } },
    status: { readyReplicas: 1 },
  };
}

test.each([
  ['v3.3.10', 'failed'],
  ['v3.7.2', 'warning'],
  ['v4.0.0', 'failed'],
  ['v4.0.7', 'failed'],
  ['v4.0.0-rc1', 'failed'],
  ['v4.0.8', 'ok'],
  ['v4.0.10', 'ok'],
  ['v4.1.0', 'ok'],
  ['v4.1.2', 'ok'],
])('Argo %s: %s', (version, state) => {
  expect(examineArgo({ state: 'found', value: [argo(version)] })).toMatchObject({ state });
});

test('explains that a stopped team would never end, and names a fixed version', () => {
  const { message, remedy } = examineArgo({ state: 'found', value: [argo('v4.0.3')] });
  expect(message).toContain('in which a stopped team never ends');
  expect(remedy).toContain('4.0.8');
});
