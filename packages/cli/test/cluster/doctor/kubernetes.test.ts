import { expect, test } from '@jest/globals';
import { examineKubernetes } from '../../../src/cluster/doctor/kubernetes.ts';
import { examinePodLayout } from '../../../src/cluster/doctor/pod-layout.ts';

test.each([
  ['v1.28.15', 'failed'],
  ['v1.29.0', 'ok'],
  ['v1.34.4+k3s1', 'ok'],
  ['v2.0.0', 'ok'],
  ['unknown', 'unknown'],
])('Kubernetes %s: %s', (version, state) => {
  expect(examineKubernetes('https://cluster.test', version)).toMatchObject({ state });
});

test('an old Kubernetes is refused because it lacks native sidecars', () => {
  expect(examineKubernetes('https://cluster.test', 'v1.28.15')).toMatchObject({
    message: expect.stringContaining('native sidecar'),
    remedy: 'Upgrade the cluster to Kubernetes 1.29 or later.',
  });
});

test.each([
  [{ initlessPod: 'enabled: true' }, ['failed']],
  [{ config: 'initlessPod: { enabled: true }' }, ['failed']],
  [{ initlessPod: 'enabled: false' }, []],
  [{}, []],
])('pod layout with the ConfigMap %j', (data, states) => {
  const found = examinePodLayout({ state: 'found', name: 'argo/settings', data });
  expect(found.map(({ state }) => state)).toEqual(states);
});
