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
])('Argo %s is %s', (version, state) => {
  expect(examineArgo({ is: 'there', value: [argo(version)] })).toMatchObject({ state });
});

test('a version that cannot end a stopped team says so, with the version that can', () => {
  const { message, remedy } = examineArgo({ is: 'there', value: [argo('v4.0.3')] });
  expect(message).toContain('a team that is stopped would never end');
  expect(remedy).toContain('4.0.8');
});
