import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Admission, eventually, refusal, startAdmission } from './admission.ts';
import { Cluster, type Stored } from './cluster.ts';
import { team, teamRef, workflowRef } from './teams.ts';

const NAMESPACE = 'restricted';
const API_VERSION = 'claude.amcheste.io/v1alpha1';
let cluster: Cluster;
let admission: Admission;

beforeAll(async () => {
  cluster = await Cluster.start();
  await cluster.namespace(NAMESPACE);
  admission = await startAdmission(cluster, NAMESPACE, {
    AGENTTEAM_ALLOWED_IMAGES: 'ghcr.io/acme/*,golang:1.*',
    AGENTTEAM_ALLOWED_VOLUME_TYPES: 'configMap,emptyDir',
    AGENTTEAM_ALLOWED_SERVICE_ACCOUNTS: 'none',
    AGENTTEAM_RUNTIME_CLASS: 'gvisor',
  });
});
afterAll(async () => {
  await admission?.stop();
  await cluster?.stop();
});

const apply = (object: Stored, ...options: readonly string[]) =>
  cluster.kubectl('apply', `-f=${cluster.file(object)}`, ...options);
const withEnvironment = (name: string, environment: object) =>
  team(name, { environment }, NAMESPACE);

const ALLOWED = {
  image: 'golang:1.26',
  volumes: [
    { name: 'data', configMap: { name: 'data' } },
    { name: 'scratch', emptyDir: {} },
  ],
  mounts: [{ name: 'data', mountPath: '/data', readOnly: true }],
  runtimeClassName: 'gvisor',
  nodeSelector: { pool: 'agents' },
  affinity: {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 1, podAffinityTerm: { topologyKey: 'kubernetes.io/hostname' } },
      ],
    },
  },
};

const REFUSED: readonly (readonly [field: string, environment: object, words: string])[] = [
  [
    'image',
    { image: 'docker.io/library/python:3' },
    'the administrators do not allow the image `docker.io/library/python:3` (teams.allowedImages)',
  ],
  [
    'volumes[0].persistentVolumeClaim',
    { volumes: [{ name: 'a', persistentVolumeClaim: { claimName: 'a' } }] },
    'do not allow a volume of the type `persistentVolumeClaim` (teams.allowedVolumeTypes)',
  ],
  [
    'runtimeClassName',
    { runtimeClassName: 'runc' },
    'do not allow the runtime class `runc` (teams.allowedRuntimeClasses)',
  ],
  [
    'serviceAccountName',
    { serviceAccountName: 'admin' },
    'do not allow the service account `admin` (teams.allowedServiceAccounts)',
  ],
];

const template = (name: string, environment: object): Stored => ({
  apiVersion: API_VERSION,
  kind: 'AgentTeamTemplate',
  metadata: { name, namespace: NAMESPACE },
  spec: { teammates: [{ name: 'reviewer', prompt: 'Review it.', environment }] },
});
const run = (name: string, of: string, environment: object): Stored => ({
  apiVersion: API_VERSION,
  kind: 'AgentTeamRun',
  metadata: { name, namespace: NAMESPACE },
  spec: {
    templateRef: { name: of },
    repository: { url: 'git@github.com:acme/platform.git' },
    auth: { apiKeySecret: 'anthropic' },
    lead: { prompt: 'Run a full review.' },
    environment,
  },
});

test('what the administrators allow reaches the Workflow as the team wrote it', async () => {
  await apply(withEnvironment('allowed', ALLOWED));
  const made = await cluster.get(teamRef('allowed', NAMESPACE));
  // The API server keeps every field.
  expect(made?.spec?.environment).toEqual(ALLOWED);
  const workflow = await cluster.until(workflowRef('allowed', NAMESPACE), (now) => now);
  const lead = workflow.spec.templates.find((one: { name: string }) => one.name === 'lead');
  expect(lead).toMatchObject({
    nodeSelector: { pool: 'agents' },
    affinity: ALLOWED.affinity,
    podSpecPatch: '{"runtimeClassName":"gvisor"}',
  });
  expect(lead.volumes).toContainEqual({ name: 'volume-data', configMap: { name: 'data' } });
});

test.each(REFUSED)('admission refuses %s and names the rule', async (field, environment, words) => {
  const said = await refusal(apply(withEnvironment('refused', environment)));
  expect(said).toContain(`spec.environment.${field}`);
  expect(said).toContain(words);
  // Templates and runs are held to the same rules.
  expect(await refusal(apply(template('refused', environment)))).toContain(words);
  await apply(template('open', {}));
  await eventually(async () =>
    refusal(apply(run('refused', 'open', environment), '--dry-run=server')).then(
      (told) => told.includes(words),
      () => false,
    ),
  );
});

test('a team cannot be changed to what is not allowed', async () => {
  const [, environment, words] = REFUSED[0] ?? [];
  expect(await refusal(apply(withEnvironment('allowed', environment ?? {})))).toContain(words);
});

test('without the webhook, the controller refuses before it creates anything', async () => {
  const [, environment = {}, words] = REFUSED[0] ?? [];
  for (const kind of ['validating', 'mutating']) {
    await cluster.kubectl('delete', `${kind}webhookconfiguration`, 'agentteam');
  }
  await eventually(async () =>
    apply(withEnvironment('probe', environment), '--dry-run=server').then(
      () => true,
      () => false,
    ),
  );
  await apply(withEnvironment('late', environment));
  const refused = await cluster.until(
    teamRef('late', NAMESPACE),
    (now) => now?.status?.phase === 'Failed' && now,
  );
  expect(JSON.stringify(refused.status)).toContain(words);
  expect(await cluster.get(workflowRef('late', NAMESPACE))).toBeUndefined();
  await apply(template('late', environment));
  const late = { apiVersion: API_VERSION, name: 'late', namespace: NAMESPACE };
  const unready = await cluster.until(
    { ...late, kind: 'AgentTeamTemplate' },
    (now) => now?.status?.ready === false && now,
  );
  expect(JSON.stringify(unready.status)).toContain(words);
  await apply(run('late-run', 'open', environment));
  const failed = await cluster.until(
    { ...late, kind: 'AgentTeamRun', name: 'late-run' },
    (now) => now?.status?.phase === 'Failed' && now,
  );
  expect(JSON.stringify(failed.status)).toContain(words);
  expect(await cluster.get(teamRef('late-run', NAMESPACE))).toBeUndefined();
});
