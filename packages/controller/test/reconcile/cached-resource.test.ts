import type { AgentTeam } from '@agentteam/api';
import { expect, test } from '@jest/globals';
import type { KubeObject } from '../../src/kube/objects.ts';
import {
  type CachedTeam,
  partialResource,
  trimResource,
} from '../../src/reconcile/cached-resource.ts';

test('a resource beyond its share of memory keeps little, whatever others have written', () => {
  const long = 'x'.repeat(300_000);
  const apiVersion = 'claude.amcheste.io/v1alpha1';
  const run = { apiVersion, kind: 'AgentTeamRun', name: 'q3', uid: 'u-1' };
  const many = Array.from({ length: 5000 }, (_, index) => ({ ...run, uid: `u-${index}` }));
  const team = {
    apiVersion,
    kind: 'AgentTeam',
    metadata: {
      name: 'q3',
      annotations: { a: long },
      finalizers: [long],
      ownerReferences: [
        ...(['apiVersion', 'kind', 'name', 'uid'] as const).map((field) => ({
          ...run,
          [field]: long,
        })),
        { ...run, kind: 'AgentTeam' },
        run,
        ...many,
      ],
    },
    spec: { lead: { prompt: long } } as unknown as AgentTeam['spec'],
  } satisfies KubeObject & { spec: AgentTeam['spec'] };
  const kept = partialResource(trimResource<CachedTeam>(team));
  expect(JSON.stringify(kept).length).toBeLessThan(4000);
  // The status of the run follows that of the team.
  expect(kept.metadata.ownerReferences?.[0]).toEqual(run);
});
