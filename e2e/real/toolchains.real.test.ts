import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import type { Stored } from '../controller/cluster.ts';
import { useStages } from './stages.ts';

/*
 * Agents in images that are not ours. `e2e/real/images/build` makes the images and loads them into the test
 * cluster.
 */

const { open } = useStages();
const repository = fileURLToPath(new URL('images/repository', import.meta.url));
const image = (name: string) => `localhost/${name}:e2e`;

/** For each image, the directory of the repository and the commands that build and test it. */
const TOOLCHAINS = {
  golang: { directory: 'go', program: 'go', command: 'go vet ./... && go test ./...' },
  'golang-alpine': { directory: 'go', program: 'go', command: 'go vet ./... && go test ./...' },
  'python-slim': {
    directory: 'python',
    program: 'python3',
    command: 'python3 -m venv .venv && .venv/bin/python -m unittest',
  },
  temurin: {
    directory: 'java',
    program: 'javac',
    command: 'javac *.java && java SumTest && test -n "$JAVA_HOME"',
  },
  rust: { directory: 'rust', program: 'cargo', command: 'cargo test --offline' },
  'node-alpine': { directory: 'node', program: 'node', command: 'node --test' },
} as const;

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

const bash = (command: string) => ({ tools: [{ name: 'Bash', input: { command } }] });
const completed = { outcome: 'completed', summary: 'Done.' };
const end = (mate: string) => [
  { tools: [{ name: 'TaskUpdate', input: { taskId: `\${task.${mate}}`, status: 'completed' } }] },
  { tools: [{ name: 'report', input: completed }] },
];
const LEAD = {
  idle: 'Noted.',
  turns: [
    { text: 'I wait.' },
    { until: { ended: true }, tools: [{ name: 'report', input: completed }] },
  ],
};

test('each toolchain builds and tests a repository in its image, and so do the checks', async () => {
  const names = Object.keys(TOOLCHAINS) as (keyof typeof TOOLCHAINS)[];
  const script = {
    agents: {
      'team-lead': LEAD,
      ...Object.fromEntries(
        names.map((name) => {
          const { directory, command } = TOOLCHAINS[name];
          const file = `results/${name}.txt`;
          const work = [
            `mkdir -p results && { (cd ${directory} && ${command}) && echo passed; } > ${file} 2>&1`,
            `{ cat set-up.txt; echo "$MODE|$TOWN|$SPACE"; command -v git; } >> ${file}`,
            'git add results && git commit --quiet --message Test',
          ];
          const turns = [{ tools: [{ name: 'TaskList' }] }, bash(work.join('; ')), ...end(name)];
          return [name, { turns }];
        }),
      ),
    },
  };
  const at = await open({
    script: stringify(script),
    repository,
    secrets: { git: { username: 'e2e' } },
    team: ({ repositoryUrl }) =>
      team(
        'toolchains',
        {
          lead: { prompt: 'Coordinate.' },
          environment: {
            image: image('golang-alpine'),
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
          environment: { image: image(name) },
          ...(index >= 3 && { dependsOn: [names[index - 3]] }),
        })),
        repositoryUrl,
      ) as Stored,
  });
  await at.kubectl('create', 'configmap', 'towns', '--from-literal=first=Porto');
  await at.start();
  expect(await at.ended()).toMatchObject({ phase: 'Completed', ready: '6/6' });
  for (const name of names) {
    const result = await at.outside.git('show', `teams/toolchains:results/${name}.txt`);
    const tail = [
      'passed',
      TOOLCHAINS[name].program,
      `$(HOME)|Porto|${name}`,
      '/opt/agentteam/path/git',
    ];
    expect(result.trim().split('\n').slice(-4)).toEqual(tail);
  }
});

test('a distroless image fails its agent before anything is spent, and says what to use', async () => {
  const at = await open({
    script: stringify({ agents: { 'team-lead': LEAD } }),
    team: () =>
      team('distroless', { lead: { prompt: 'Coordinate.' }, lifecycle: {} }, [
        {
          name: 'worker',
          prompt: 'Work.',
          environment: { image: image('distroless'), imagePullPolicy: 'Never' },
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
    script: stringify({ agents: { 'team-lead': LEAD } }),
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
