import { expect, test } from '@jest/globals';
import { podsOf } from './team.ts';

const CLUSTER = {
  pods: {
    nodeSelector: { pool: 'agents', zone: 'a' },
    tolerations: [{ key: 'agents', operator: 'Exists' as const }],
    affinity: { nodeAffinity: {} },
    priorityClassName: 'agents',
    runtimeClassName: 'gvisor',
  },
  restrictions: { runtimeClasses: ['kata'] },
};

test('an agent’s pod is placed by its environment, above the settings of the cluster', () => {
  const pods = podsOf(
    {
      team: '{ nodeSelector: { pool: large }, tolerations: [{ key: gpu, effect: NoSchedule }] }',
      lead: '{ affinity: { podAffinity: {} }, priorityClassName: high, runtimeClassName: kata }',
    },
    CLUSTER,
  );
  const lead = {
    nodeSelector: { pool: 'large', zone: 'a' },
    tolerations: [
      { key: 'agents', operator: 'Exists' },
      { key: 'gpu', effect: 'NoSchedule' },
    ],
    affinity: { podAffinity: {} },
    priorityClassName: 'high',
    podSpecPatch: '{"runtimeClassName":"kata"}',
  };
  expect(pods['lead']).toMatchObject(lead);
  // The quality gates run in a pod like the lead's.
  expect(pods['checks']).toMatchObject(lead);
  expect(pods['agent-api']).toMatchObject({ nodeSelector: { pool: 'large', zone: 'a' } });
  for (const name of ['affinity', 'priorityClassName', 'podSpecPatch']) {
    expect(pods['agent-api']).not.toHaveProperty(name);
  }
  // Steps without an agent have the cluster's settings.
  for (const name of ['roll-call', 'finish']) {
    for (const field of Object.keys(lead)) expect(pods[name]).not.toHaveProperty(field);
  }
});

test('an agent’s own resources win over those of its environment and of the cluster', () => {
  const limit = (memory: string) => `{ resources: { limits: { memory: ${memory} } } }`;
  const cluster = { containers: { agentResources: { limits: { memory: '1Gi' } } } };
  const memoryOf = (...given: Parameters<typeof podsOf>) =>
    ['lead', 'agent-api', 'checks'].map(
      (name) => podsOf(...given)[name]?.container?.resources?.limits?.['memory'],
    );
  expect(memoryOf({}, cluster)).toEqual(['1Gi', '1Gi', '1Gi']);
  expect(memoryOf({ team: limit('2Gi'), lead: limit('3Gi') }, cluster)).toEqual([
    '3Gi',
    '2Gi',
    '3Gi',
  ]);
  const more = ', resources: { limits: { memory: 5Gi } }';
  expect(memoryOf({ teammate: limit('4Gi'), more }, cluster)).toEqual(['1Gi', '5Gi', '1Gi']);
});

test('volumes are merged by name, mounts by path and files by path', () => {
  const pods = podsOf({
    team: `{
      volumes: [{ name: data, configMap: { name: small } }, { name: spare, emptyDir: {} }],
      mounts: [{ name: data, mountPath: /data }, { name: data, mountPath: /data2, subPath: a/b }],
      files: [{ path: .env.test, configMap: settings, key: env }] }`,
    teammate: `{
      volumes: [{ name: data, persistentVolumeClaim: { claimName: large, readOnly: true } }],
      mounts: [{ name: spare, mountPath: /data }, { name: data, mountPath: /big, readOnly: true }],
      files: [{ path: conf/a, configMap: settings, key: a }, { path: .env.test, configMap: own, key: env }] }`,
  });
  const mountsIn = (name: string) =>
    (pods[name]?.container?.volumeMounts ?? []).filter(({ name: volume }) =>
      /^(volume|files)-/.test(volume),
    );
  const settings = { name: 'files-0', mountPath: '/var/lib/agentteam/files/settings' };
  const own = { name: 'files-1', mountPath: '/var/lib/agentteam/files/own' };
  for (const name of ['lead', 'checks']) {
    expect(mountsIn(name)).toEqual([
      { name: 'volume-data', mountPath: '/data', readOnly: true },
      { name: 'volume-data', mountPath: '/data2', subPath: 'a/b', readOnly: true },
      { ...settings, readOnly: true },
    ]);
    expect(pods[name]?.volumes).toContainEqual({
      name: 'volume-data',
      configMap: { name: 'small' },
    });
    expect(JSON.stringify(pods[name]?.volumes)).not.toContain('volume-spare');
  }
  expect(mountsIn('agent-api')).toEqual([
    { name: 'volume-data', mountPath: '/data2', subPath: 'a/b', readOnly: true },
    { name: 'volume-spare', mountPath: '/data' },
    { name: 'volume-data', mountPath: '/big', readOnly: true },
    { ...settings, readOnly: true },
    { ...own, readOnly: true },
  ]);
  expect(pods['agent-api']?.volumes).toContainEqual({
    name: 'volume-data',
    persistentVolumeClaim: { claimName: 'large', readOnly: true },
  });
  // Setup checks all files, and each volume of a pod has a name of its own.
  const setup = pods['lead']?.initContainers?.find(({ name }) => name === 'setup');
  expect(setup?.volumeMounts).toContainEqual({ ...own, readOnly: true });
  const names = pods['agent-api']?.volumes?.map(({ name }) => name) ?? [];
  expect(names).toEqual([...new Set(names)]);
});

test('no container gets a token of the service account that a team chooses', () => {
  const annotation = 'eks.amazonaws.com/skip-containers';
  const pods = podsOf(
    { team: '{ serviceAccountName: bedrock }' },
    // The installation's annotations do not replace ours.
    { pods: { podAnnotations: { [annotation]: '' } } },
  );
  for (const name of ['lead', 'agent-api', 'checks']) {
    const { metadata, serviceAccountName, initContainers = [] } = pods[name] ?? {};
    expect(serviceAccountName).toBe('bedrock');
    const { annotations = {} } = metadata ?? {};
    const skipped = annotations[annotation]?.split(',');
    expect(annotations['azure.workload.identity/skip-containers']?.split(';')).toEqual(skipped);
    const own = initContainers.map((one) => one.name);
    expect(own).toContain('gateway');
    expect(skipped).toEqual(expect.arrayContaining(['main', 'init', 'wait', ...own]));
  }
  for (const name of ['roll-call', 'finish']) {
    expect(pods[name]).not.toHaveProperty('serviceAccountName');
  }
});
