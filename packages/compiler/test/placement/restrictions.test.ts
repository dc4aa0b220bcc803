import { expect, test } from '@jest/globals';
import { allowsImage } from '../../src/check/restrictions/image-pattern.ts';
import { type CompileOptions, checkTemplate, compileText, pathText } from '../../src/index.ts';
import { type Environments, teamText } from './team.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

test.each([
  ['*', 'golang'],
  ['golang', 'golang:1.26'],
  ['golang', 'docker.io/library/golang:1.26'],
  ['golang', `golang@${DIGEST}`],
  ['docker.io/library/*', 'golang:1.26'],
  ['index.docker.io/acme/*', 'acme/tools'],
  ['golang:1.*', 'golang:1.26'],
  ['golang:latest', 'golang'],
  ['golang:*', `golang@${DIGEST}`],
  ['ghcr.io/acme/*', 'ghcr.io/acme/deep/tools:3'],
  ['ghcr.io/acme/*', 'GHCR.io/acme/tools'],
  ['*.example.com/*', 'registry.example.com/a/b'],
  ['localhost:5000/*', 'localhost:5000/tools'],
  [`ghcr.io/acme/tools@${DIGEST}`, `ghcr.io/acme/tools@${DIGEST}`],
])('the pattern %s allows %s', (pattern, image) => {
  expect(allowsImage(pattern, image)).toBe(true);
});

test.each([
  ['golang', 'acme/golang'],
  ['golang', 'golang-evil'],
  ['golang', 'evil.example/library/golang'],
  ['golang:1.*', 'golang:2.0'],
  // A runtime ignores the tag beside a digest.
  ['golang:1.*', `golang:1.26@${DIGEST}`],
  ['ghcr.io/acme/*', 'ghcr.io.evil.example/acme/tools'],
  ['ghcr.io/acme/*', 'ghcr.io/acme-evil/tools'],
  ['ghcr.io*', 'ghcr.io.evil.example/acme/tools'],
  ['ghcr.io/acme/*', 'ghcr.io/acme/../evil/tools'],
  ['ghcr.io/acme/*', 'ghcr.io/acme/{{workflow.labels.image}}'],
  ['docker.io/*', 'EVIL/tools'],
  ['*', 'not an image'],
])('the pattern %s does not allow %s', (pattern, image) => {
  expect(allowsImage(pattern, image)).toBe(false);
});

const problemsOf = (environments: Environments, options: CompileOptions) =>
  compileText(teamText(environments), options).problems.map(
    ({ code, path, message }) => `${code} ${pathText(path)}: ${message}`,
  );

test('the message names the value and the rule', () => {
  const restrictions = { images: ['ghcr.io/acme/*'], volumeTypes: ['configMap'] };
  const team = `{ image: "golang:1.26", volumes: [{ name: a, emptyDir: {} },
    { name: b, image: { reference: evil } }, { name: c, configMap: { name: c } }] }`;
  expect(problemsOf({ team, lead: '{ image: ghcr.io/acme/go }' }, { restrictions })).toEqual([
    'restricted spec.environment.image: the administrators do not allow the image `golang:1.26` (teams.allowedImages)',
    'restricted spec.environment.volumes[1].image.reference: the administrators do not allow the image `evil` (teams.allowedImages)',
    'restricted spec.environment.volumes[0].emptyDir: the administrators do not allow a volume of the type `emptyDir` (teams.allowedVolumeTypes)',
    'restricted spec.environment.volumes[1].image: the administrators do not allow a volume of the type `image` (teams.allowedVolumeTypes)',
  ]);
  expect(problemsOf({ team }, {})).toEqual([]);
});

test('inputs and existing outputs count as volumes', () => {
  const work =
    'workspace: { inputs: [{ pvc: a, mountPath: /workspace/a }, { configMap: b, mountPath: /workspace/b }], output: { pvc: c } }';
  const restrictions = { volumeTypes: ['configMap'] };
  expect(problemsOf({ work }, { restrictions }).map((line) => line.split(':')[0])).toEqual([
    'restricted spec.workspace.inputs[0].pvc',
    'restricted spec.workspace.output.pvc',
  ]);
});

test('teams cannot leave the sandbox of the installation', () => {
  const kata = { teammate: '{ runtimeClassName: kata }' };
  const cluster = { pods: { runtimeClassName: 'gvisor' } };
  expect(problemsOf(kata, cluster)).toEqual([
    expect.stringContaining('the runtime class `kata` (teams.allowedRuntimeClasses)'),
  ]);
  expect(problemsOf({ team: '{ runtimeClassName: gvisor }' }, cluster)).toEqual([]);
  const listed = { ...cluster, restrictions: { runtimeClasses: ['kata'] } };
  expect(problemsOf(kata, listed)).toEqual([]);
});

test('an empty list allows nothing', () => {
  const restrictions = { serviceAccounts: [] };
  expect(problemsOf({ lead: '{ serviceAccountName: admin }' }, { restrictions })).toEqual([
    expect.stringContaining('the service account `admin` (teams.allowedServiceAccounts)'),
  ]);
  expect(problemsOf({}, { restrictions })).toEqual([]);
});

test('templates are restricted as teams are', () => {
  const template = {
    apiVersion: 'claude.amcheste.io/v1alpha1',
    kind: 'AgentTeamTemplate',
    metadata: { name: 'pattern' },
    spec: {
      teammates: [{ name: 'api', prompt: 'Write.', environment: { image: 'golang' } }],
    },
  };
  const { problems } = checkTemplate(template, { restrictions: { images: ['node'] } });
  expect(problems.map(({ code, path }) => `${code} ${pathText(path)}`)).toEqual([
    'restricted spec.teammates[0].environment.image',
  ]);
});
