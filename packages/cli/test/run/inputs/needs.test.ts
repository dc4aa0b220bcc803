import type { Workflow } from '@agentteam/argo';
import { expect, test } from '@jest/globals';
import { needsOf } from '../../../src/run/inputs/needs.ts';

const SERVICE = '/run/secrets/agentteam/services/npm';

test('lists each mounted ConfigMap, Secret and claim once, with its users', () => {
  const mount = (name: string, mountPath: string) => ({ name, mountPath });
  const workflow: Workflow = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { name: 't' },
    spec: {
      entrypoint: 'team',
      volumes: [
        { name: 'data', configMap: { name: 'quarterly-data' } },
        { name: 'output', persistentVolumeClaim: { claimName: 't-output' } },
        { name: 'unused', configMap: { name: 'nobody' } },
      ],
      templates: [
        {
          name: 'lead',
          container: { image: 'i', volumeMounts: [mount('data', '/workspace/data')] },
          volumes: [
            { name: 'api', secret: { secretName: 'key' } },
            { name: 'service-0', secret: { secretName: 'npm', optional: true } },
            { name: 'prices', configMap: { name: 'prices', optional: true } },
          ],
          initContainers: [
            {
              name: 'gateway',
              image: 'i',
              volumeMounts: [
                mount('api', '/a'),
                mount('service-0', SERVICE),
                mount('prices', '/p'),
              ],
            },
          ],
        },
        {
          name: 'deliver',
          container: {
            image: 'i',
            volumeMounts: [mount('output', '/workspace/output'), mount('data', '/workspace/data')],
          },
        },
      ],
    },
  };
  expect(needsOf(workflow)).toEqual({
    configMaps: [
      {
        name: 'quarterly-data',
        usedBy: ['lead', 'deliver'],
        mountPaths: ['/workspace/data'],
        optional: false,
      },
      { name: 'prices', usedBy: ['lead'], mountPaths: ['/p'], optional: true },
    ],
    secrets: [
      { name: 'key', usedBy: ['lead'], mountPaths: ['/a'], optional: false },
      // A pod would start without it, but its agent would not.
      { name: 'npm', usedBy: ['lead'], mountPaths: [SERVICE], optional: false },
    ],
    claims: [
      {
        name: 't-output',
        usedBy: ['deliver'],
        mountPaths: ['/workspace/output'],
        optional: false,
      },
    ],
  });
});
