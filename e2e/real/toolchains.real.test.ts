import { expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import type { Stored } from '../controller/cluster.ts';
import {
  imageOf,
  REPOSITORY,
  resultOf,
  TOOLCHAINS,
  tests,
  WAITING_LEAD,
} from '../toolchains/toolchains.ts';
import { useStages } from './stages.ts';

/*
 * Agents in images that are not ours. `e2e/real/images/build` makes the images and loads them into the test
 * cluster.
 */

const { open } = useStages();
const team = (name: string, spec: object, mates: readonly object[], repositoryUrl?: string) => ({
  apiVersion: 'claude.amcheste.io/v1alpha1',
  kind: 'AgentTeam',
  metadata: { name },
  spec: {
    ...(repositoryUrl === undefined
      ? { workspace: {} }
      : {
          repository: {
            url: repositoryUrl,
            branch: 'main',
            credentialsSecret: 'git',
            setupCommand: ['sh', 'set-up.sh'],
          },
        }),
    auth: { apiKeySecret: 'anthropic' },
    teammates: mates,
    ...spec,
  },
});

test('each toolchain builds and tests a repository in its image, and so do the checks', async () => {
  const names = Object.keys(TOOLCHAINS);
  const facts = 'echo "$MODE|$TOWN|$SPACE"; command -v git';
  const script = {
    agents: {
      'team-lead': WAITING_LEAD,
      ...Object.fromEntries(
        Object.entries(TOOLCHAINS).map(([name, toolchain]) => [
          name,
          tests(name, toolchain, facts),
        ]),
      ),
    },
  };
  const at = await open({
    script: stringify(script),
    repository: REPOSITORY,
    secrets: { git: { username: 'e2e' } },
    team: ({ repositoryUrl }) =>
      team(
        'toolchains',
        {
          lead: { prompt: 'Coordinate.' },
          environment: {
            image: imageOf('golang-alpine'),
            imagePullPolicy: 'Never',
            env: [
              { name: 'MODE', value: '$(HOME)' },
              {
                name: 'TOWN',
                valueFrom: { configMapKeyRef: { name: 'towns', key: 'first' } },
              },
              {
                name: 'SPACE',
                valueFrom: {
                  fieldRef: { fieldPath: "metadata.labels['claude.amcheste.io/agent']" },
                },
              },
            ],
          },
          qualityGates: { requireTests: true, testCommand: 'cd go && go test ./...' },
          lifecycle: { onComplete: 'push-branch' },
        },
        // Three at a time, because each compiles.
        names.map((name, index) => ({
          name,
          prompt: `Test ${name}.`,
          environment: { image: imageOf(name) },
          ...(index >= 3 && { dependsOn: [names[index - 3]] }),
        })),
        repositoryUrl,
      ) as Stored,
  });
  await at.kubectl('create', 'configmap', 'towns', '--from-literal=first=Porto');
  await at.start();
  expect(await at.ended()).toMatchObject({ phase: 'Completed', ready: '6/6' });
  for (const [name, { program }] of Object.entries(TOOLCHAINS)) {
    const result = await at.outside.git('show', `teams/toolchains:${resultOf(name)}`);
    const tail = ['passed', program, `$(HOME)|Porto|${name}`, '/opt/agentteam/path/git'];
    expect(result.trim().split('\n').slice(-4)).toEqual(tail);
  }
});

test('a distroless image fails its agent before anything is spent, and says what to use', async () => {
  const at = await open({
    script: stringify({ agents: { 'team-lead': WAITING_LEAD } }),
    team: () =>
      team('distroless', { lead: { prompt: 'Coordinate.' }, lifecycle: {} }, [
        {
          name: 'worker',
          prompt: 'Work.',
          environment: { image: imageOf('distroless'), imagePullPolicy: 'Never' },
        },
      ]) as Stored,
  });
  await at.start();
  const { teammates } = await at.ended();
  expect(teammates).toMatchObject([
    {
      phase: 'Failed',
      restartCount: 0,
      estimatedCost: '0.00',
      message: expect.stringMatching(
        /^The image localhost\/distroless:e2e has no \/bin\/sh\. .* Use an image with one/,
      ),
    },
  ]);
});

test('an image that cannot be pulled is named in the status while its agent waits', async () => {
  const missing = 'localhost/missing:e2e';
  const at = await open({
    script: stringify({ agents: { 'team-lead': WAITING_LEAD } }),
    team: () =>
      team('missing', { lead: { prompt: 'Coordinate.' }, lifecycle: {} }, [
        { name: 'worker', prompt: 'Work.', environment: { image: missing } },
      ]) as Stored,
  });
  await at.start();
  const message = await at.until(({ teammates }) => {
    const [worker] = teammates ?? [];
    return worker?.phase === 'Pending' && /missing/.test(worker.message ?? '') && worker.message;
  });
  expect(message).toMatch(/^(ErrImagePull|ImagePullBackOff): .*localhost\/missing:e2e/);
});
