import { readFileSync } from 'node:fs';
import type { SetupSpec } from '@agentteam/contract';
import { describe, expect, test } from '@jest/globals';
import { type CompileOptions, compileText } from '../src/index.ts';

const example = readFileSync(
  new URL('../../../examples/release-notes/team.yaml', import.meta.url),
  'utf8',
);

function compiled(replaced = '', by = '', options: CompileOptions = {}) {
  if (!example.includes(replaced)) throw new Error(`the example has no ${replaced}`);
  return compileText(example.replace(replaced, by), options);
}

function setupOf({ compiled: result }: ReturnType<typeof compiled>): SetupSpec {
  const [parameter] = result?.workflow.spec.arguments?.parameters ?? [];
  return JSON.parse(parameter?.value ?? '') as SetupSpec;
}

/** For each volume whose name matches, the containers that mount it and whether read-only. */
function mountsOf(path: RegExp, options: CompileOptions = {}): readonly string[] {
  const { templates = [] } = compiled('', '', options).compiled?.workflow.spec ?? {};
  return templates.flatMap(({ name, container, initContainers = [] }) =>
    [
      ...initContainers,
      ...(container === undefined ? [] : [{ ...container, name: 'main' }]),
    ].flatMap((one) =>
      (one.volumeMounts ?? [])
        .filter(({ mountPath }) => path.test(mountPath))
        .map(({ readOnly = false }) => `${name}/${one.name} ${readOnly ? 'ro' : 'rw'}`),
    ),
  );
}

describe('what a team fetches', () => {
  test('is in the spec of setup, with limits and the names of Secrets', () => {
    const { fetched } = setupOf(compiled('', '', { pods: { imagePullSecrets: ['company'] } }));
    expect(fetched).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{16}$/),
        kind: 'skill',
        name: 'brand-voice',
        field: 'teammates[writer].skills[0].source.oci',
        timeoutSeconds: 120,
        maxBytes: 50 * 1024 ** 2,
        from: {
          kind: 'oci',
          reference: 'ghcr.io/acme/skills/brand-voice:1.2',
          pullSecrets: ['ghcr-login', 'company'],
        },
      },
      expect.objectContaining({
        name: 'changelog',
        from: {
          kind: 'git',
          url: 'https://github.com/acme/skills.git',
          ref: 'v3.0.0',
          path: 'skills/changelog',
        },
      }),
      expect.objectContaining({ kind: 'plugin', name: 'style-guide' }),
    ]);
  });

  test('is fetched once for all agents that have it', () => {
    const skill = '{ name: voice, source: { oci: "ghcr.io/acme/skills/brand-voice:1.2" } }';
    const by = `skills: [${skill}]\n    prompt: Coordinate`;
    expect(setupOf(compiled('prompt: Coordinate', by)).fetched).toHaveLength(3);
  });

  test('is mounted read-only into the agents that have it, and the logins into setup alone', () => {
    expect(mountsOf(/agentteam\/(skills|plugins)\//)).toEqual(
      Array(3).fill('agent-writer/main ro'),
    );
    expect(mountsOf(/registry|fetch/)).toEqual(['lead/setup ro', 'agent-writer/setup ro']);
  });

  test('is looked for in the pod of an agent that waits for others, too', () => {
    const mate =
      '- name: checker\n      prompt: Check.\n    - name: writer\n      dependsOn: [checker]';
    const { templates = [] } = compiled('- name: writer', mate).compiled?.workflow.spec ?? {};
    const writer = templates.find(({ name }) => name === 'agent-writer');
    expect(writer?.initContainers?.map(({ name }) => name)).toEqual(['setup', 'gateway']);
  });

  test('takes the limits of the team', () => {
    const by = 'source:\n            timeout: 5m\n            maxSize: 80Mi';
    expect(setupOf(compiled('source:', by)).fetched?.[0]).toMatchObject({
      timeoutSeconds: 300,
      maxBytes: 80 * 1024 ** 2,
    });
  });
});

const OCI = 'oci: ghcr.io/acme/skills/brand-voice:1.2';

test.each([
  [OCI, 'oci: ghcr.io/acme/skills/brand-voice', 'bad-oci-reference', 'neither a tag nor a digest'],
  [OCI, 'oci: "ghcr.io/acme/Voice:1"', 'bad-oci-reference', 'no valid repository: `acme/Voice`'],
  [OCI, 'oci: "ghcr.io/acme/voice@sha256:12"', 'bad-oci-reference', 'no valid digest'],
  [OCI, `${OCI}\n            configMap: x`, 'rule', 'exactly one of configMap, oci and git'],
  [
    '            git:',
    '            imagePullSecrets: [x]\n            git:',
    'rule',
    'are for skills from oci',
  ],
  [
    `${OCI}\n            imagePullSecrets: [ghcr-login]`,
    'configMap: x\n            timeout: 3s',
    'rule',
    'are for skills from oci and git',
  ],
  ['[ghcr-login]', '[GHCR_login]', 'bad-object-name', 'GHCR_login'],
  ...['/home/ada/private', 'file:///home/ada/private', 'FILE:///home/ada/private', './private'].map(
    (url) => ['https://github.com/acme/skills.git', url, 'bad-git-url', url] as const,
  ),
  [
    'https://github.com/acme/claude-plugins.git',
    '/home/ada/private',
    'bad-git-url',
    'marketplace.url',
  ],
  ['path: skills/changelog', 'path: ../changelog', 'bad-path', 'is not a path of a directory'],
  ['path: skills/changelog', 'path: /changelog', 'bad-path', 'is not a path of a directory'],
  ['ref: v3.0.0', 'ref: "--upload-pack=x"', 'wrong-form', '`ref`'],
  ['ref: v3.0.0', 'ref: v3\n              timeout: soon', 'unknown-field', 'timeout'],
  [OCI, `${OCI}\n            timeout: soon`, 'bad-duration', '`soon`'],
  ['commit: 3f2a9c01b7de4c5aa0f0a6a39f0c9f6f1d2e3b4c', 'commit: main', 'wrong-form', '`commit`'],
  [
    'https://github.com/acme/skills.git',
    'https://me:secret@github.com/acme/skills.git',
    'rule',
    'must not contain a password',
  ],
])('%s replaced by %s is refused', (replaced, by, code, words) => {
  const { problems } = compiled(replaced, by);
  const found = problems.find((problem) => problem.code === code);
  expect(`${found?.path.join('.')} ${found?.message}`).toContain(words);
  expect(found?.line).toBeGreaterThan(0);
});

test('what is fetched and which settings apply are part of the work, and limits are not', () => {
  const workOf = (replaced: string, by: string) =>
    setupOf(compiled(replaced, by)).members.find(({ name }) => name === 'writer')?.work;
  const work = workOf('', '');
  expect(workOf(OCI, 'oci: ghcr.io/acme/skills/brand-voice:1.3')).not.toBe(work);
  expect(workOf('ref: v3.0.0', 'ref: v3.0.1')).not.toBe(work);
  expect(workOf('settings: skills', 'settings: all')).not.toBe(work);
  expect(workOf('command: npx', 'command: node')).not.toBe(work);
  expect(workOf(OCI, `${OCI}\n            timeout: 9s`)).toBe(work);
  expect(workOf('[ghcr-login]', '[other]')).toBe(work);
});
