import { expect, test } from '@jest/globals';
import { compileText, formatProblems, pathText } from '../../src/index.ts';
import { type Environments, teamText } from './team.ts';

function problemsOf(environments: Environments): readonly string[] {
  const { problems } = compileText(teamText(environments));
  return problems.map(({ code, path }) => `${code} ${pathText(path)}`);
}

const mount = (mountPath: string, more = '') =>
  `{ volumes: [{ name: data, emptyDir: {} }], mounts: [{ name: data, mountPath: "${mountPath}"${more} }] }`;

test.each(['/', 'data', '/data/../etc', '/data//a', '/data/', '/{{workflow.name}}', '/$(HOME)'])(
  '%s is no path for a mount',
  (path) => {
    expect(problemsOf({ team: mount(path) })).toEqual([
      'bad-mount-path spec.environment.mounts[0].mountPath',
    ]);
  },
);

test.each([
  '/home/agent',
  '/home',
  '/home/agent/.claude',
  '/var/run/argo',
  '/run/agentteam',
  '/var/run/secrets/kubernetes.io',
  '/opt/agentteam/bin',
  '/tmp',
  '/tmp/data',
  '/proc/self',
  '/dev/shm',
  '/usr/bin',
  '/usr',
  '/etc',
  '/etc/passwd',
  '/workspace',
  '/workspace/repository/trees/api',
  '/var/lib/agentteam/state',
])('a mount at %s would hide what the agent needs', (path) => {
  expect(problemsOf({ lead: mount(path) })).toEqual([
    'overlapping-mounts spec.lead.environment.mounts[0].mountPath',
  ]);
});

test.each(['/data', '/workspace/data', '/var/lib/postgresql', '/usr/share/data', '/etc/app'])(
  'a mount at %s is allowed',
  (path) => {
    expect(problemsOf({ teammate: mount(path) })).toEqual([]);
  },
);

test('a mount needs its volume, a place of its own, and a path inside the volume', () => {
  const other =
    '{ mounts: [{ name: dat, mountPath: /other }, { name: data, mountPath: /data/a }] }';
  expect(problemsOf({ team: mount('/data'), teammate: other })).toEqual([
    'unknown-volume spec.teammates[0].environment.mounts[0].name',
    'overlapping-mounts spec.teammates[0].environment.mounts[1].mountPath',
  ]);
  // A mistake that several agents share is reported once.
  expect(problemsOf({ team: '{ mounts: [{ name: data, mountPath: /data }] }' })).toEqual([
    'unknown-volume spec.environment.mounts[0].name',
  ]);
  expect(problemsOf({ team: mount('/data', ', subPath: ../up') })).toEqual([
    'bad-mount-path spec.environment.mounts[0].subPath',
  ]);
  expect(
    problemsOf({
      team: mount('/workspace/in'),
      work: 'workspace: { inputs: [{ configMap: a, mountPath: /workspace/in }], output: {} }',
    }),
  ).toEqual(['overlapping-mounts spec.environment.mounts[0].mountPath']);
});

test.each([
  ['secret: { secretName: token }', 'environment.services adds a credential'],
  ['csi: { driver: secrets-store.csi.k8s.io }', 'a driver can mount secrets'],
  ['projected: { sources: [] }', 'agents hold no secrets'],
  ['hostPath: { path: / }', 'agents reach no directory or device of the node'],
  ['nfs: { server: a, path: / }', 'use persistentVolumeClaim'],
])('a volume with %s is refused with what to do instead', (source, words) => {
  const text = teamText({ team: `{ volumes: [{ name: data, ${source} }] }` });
  const { problems } = compileText(text);
  expect(formatProblems(problems, { file: 'team.yaml', text })).toContain(words);
});

test('a volume has exactly one source and a name of its own', () => {
  const volumes = (...list: readonly string[]) => ({ team: `{ volumes: [${list.join(', ')}] }` });
  const [map, scratch] = ['configMap: { name: a }', 'emptyDir: {}'];
  expect(problemsOf(volumes('{ name: a }'))).toEqual(['rule spec.environment.volumes[0]']);
  expect(problemsOf(volumes(`{ name: a, ${map}, ${scratch} }`))).toEqual([
    'rule spec.environment.volumes[0]',
  ]);
  expect(problemsOf(volumes(`{ name: a, ${map} }`, `{ name: a, ${scratch} }`))).toEqual([
    'repeated-name spec.environment.volumes[1].name',
  ]);
  expect(problemsOf(volumes('{ name: a, configMap: { name: A_b } }'))).toEqual([
    'bad-object-name spec.environment.volumes[0].configMap.name',
  ]);
  expect(
    problemsOf(volumes('{ name: a, image: { reference: "ghcr.io/{{workflow.name}}" } }')),
  ).toEqual(['wrong-form spec.environment.volumes[0].image.reference']);
});

const file = (path: string, key = 'env') =>
  `{ files: [{ path: "${path}", configMap: settings, key: "${key}" }] }`;

test.each([
  '/etc/passwd',
  '../outside',
  'a/../b',
  './a',
  'a//b',
  'a/',
  '.git/config',
  'sub/.GIT/hooks/x',
  '.git. /config',
  'a b',
  'a\\\\b',
  'a{{b}}',
])('no file is placed at %s', (path) => {
  expect(problemsOf({ team: file(path) })).toEqual([
    'bad-file-path spec.environment.files[0].path',
  ]);
});

test('files need a key, a repository and different places', () => {
  expect(problemsOf({ team: file('.env.test') })).toEqual([]);
  expect(problemsOf({ team: file('a', '../b') })).toEqual([
    'wrong-form spec.environment.files[0].key',
  ]);
  expect(problemsOf({ team: file('a'), work: 'workspace: { output: {} }' })).toEqual([
    'not-supported spec.environment.files',
  ]);
  expect(problemsOf({ team: file('a'), lead: file('a/b') })).toEqual([
    'bad-file-path spec.environment.files[0].path',
  ]);
  const twice = '{ files: [{ path: a, configMap: b, key: c }, { path: a, configMap: b, key: d }] }';
  expect(problemsOf({ lead: twice })).toEqual([
    'repeated-name spec.lead.environment.files[1].path',
  ]);
});

test('teammates that share a worktree have the same file at a path', () => {
  const work = 'repository: { url: "https://git.example/a.git", worktreeStrategy: shared }';
  const more =
    ' }\n    - { name: web, prompt: Write., environment: { files: [{ path: a, configMap: other, key: env }] }';
  expect(problemsOf({ team: file('a'), work, more })).toEqual([
    'bad-file-path spec.teammates[1].environment.files[0].path',
  ]);
  expect(problemsOf({ team: file('a'), lead: file('a', 'other'), work })).toEqual([]);
  expect(problemsOf({ team: file('a'), more })).toEqual([]);
});

test.each([
  ['cpu', '2', '1500m', true],
  ['cpu', '500m', '0.5', false],
  ['memory', '1Gi', '1G', true],
  ['memory', '1024Ki', '1Mi', false],
  ['memory', '2e3', '2k', false],
  ['memory', '1025', '1Ki', true],
])('a request for %s of %s with a limit of %s is above it: %s', (name, request, limit, isAbove) => {
  const resources = `resources: { requests: { ${name}: "${request}" }, limits: { ${name}: "${limit}" } }`;
  const problem = (at: string) => [`request-above-limit ${at}.resources.requests.${name}`];
  expect(problemsOf({ team: `{ ${resources} }` })).toEqual(
    isAbove ? problem('spec.environment') : [],
  );
  expect(problemsOf({ more: `, ${resources}` })).toEqual(
    isAbove ? problem('spec.teammates[0]') : [],
  );
});

test('Argo evaluates nothing in the placement of a pod', () => {
  const tag = '"{{workflow.name}}"';
  expect(
    problemsOf({
      team: `{ affinity: { podAffinity: { a: ${tag} } }, nodeSelector: { a: ${tag} } }`,
    }),
  ).toEqual(['wrong-form spec.environment.nodeSelector.a', 'wrong-form spec.environment.affinity']);
  expect(
    problemsOf({ team: `{ nodeSelector: { ${tag}: a, topology.kubernetes.io/zone: b } }` }),
  ).toEqual(['wrong-form spec.environment.nodeSelector["{{workflow.name}}"]']);
  expect(problemsOf({ team: `{ serviceAccountName: ${tag}, runtimeClassName: ${tag} }` })).toEqual([
    'bad-object-name spec.environment.runtimeClassName',
    'bad-object-name spec.environment.serviceAccountName',
  ]);
});

test('no team keeps the pods of other namespaces from nodes', () => {
  const required = (more: string) =>
    `{ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: kubernetes.io/os, labelSelector: {}${more} }] } } }`;
  const at = 'affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]';
  const everywhere = required(', namespaceSelector: {}');
  expect(problemsOf({ team: everywhere, lead: everywhere, teammate: everywhere })).toEqual(
    ['spec', 'spec.lead', 'spec.teammates[0]'].map(
      (owner) => `other-namespaces ${owner}.environment.${at}.namespaceSelector`,
    ),
  );
  expect(problemsOf({ team: required(', namespaces: [billing]') })).toEqual([
    `other-namespaces spec.environment.${at}.namespaces`,
  ]);
  expect(problemsOf({ team: required(', namespaces: [], namespaceSelector: null') })).toEqual([]);
  expect(problemsOf({ team: everywhere.replace('podAntiAffinity', 'podAffinity') })).toEqual([]);
});

test.each(['auth-team', 'another-team'])(
  'no agent gets the claim %s, with the ledger and the repositories of a team',
  (claim) => {
    const volume = `{ volumes: [{ name: all, persistentVolumeClaim: { claimName: ${claim} } }], mounts: [{ name: all, mountPath: /data }] }`;
    const at = 'volumes[0].persistentVolumeClaim.claimName';
    expect(problemsOf({ team: volume, lead: volume, teammate: volume })).toEqual([
      `reserved-name spec.environment.${at}`,
      `reserved-name spec.lead.environment.${at}`,
      `reserved-name spec.teammates[0].environment.${at}`,
    ]);
    expect(
      problemsOf({
        work: `workspace: { inputs: [{ pvc: ${claim}, mountPath: /workspace/in }], output: { pvc: ${claim} } }`,
      }),
    ).toEqual([
      'reserved-name spec.workspace.output.pvc',
      'reserved-name spec.workspace.inputs[0].pvc',
    ]);
  },
);

test.each(['agentteam-figures', 'agentteam-gate-key', 'agentteam-executor.service-account-token'])(
  'the Secret %s, with which the controller or the executor proves itself, goes to no other server',
  (secret) => {
    const services = `{ services: [{ name: npm, url: "https://npm.acme.example/", credentialsSecret: ${secret} }] }`;
    const more = `, mcpServers: [{ name: x, url: "https://x.example/", headersSecret: ${secret} }]`;
    const { problems } = compileText(
      teamText({ team: services, more, work: `auth: { apiKeySecret: ${secret} }` }),
    );
    expect(
      problems.filter(({ code }) => code === 'reserved-name').map(({ path }) => path.at(-1)),
    ).toEqual(expect.arrayContaining(['apiKeySecret', 'headersSecret', 'credentialsSecret']));
  },
);
