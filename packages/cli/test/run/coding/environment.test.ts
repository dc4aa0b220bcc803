import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { agentteam } from '../../commands/agentteam.ts';
import { temporaryDirectories } from '../../temporary.ts';
import { CodingRun, git, mate, WAITING_LEAD } from './coding-run.ts';

const temporary = temporaryDirectories();

/** A directory with the ConfigMaps and claims of the teams below. */
async function withInputs(): Promise<string> {
  const cwd = await temporary();
  await mkdir(join(cwd, 'configmaps/settings'), { recursive: true });
  await writeFile(join(cwd, 'configmaps/settings/env'), 'GREETING=hello\n');
  await mkdir(join(cwd, 'fixtures/names'), { recursive: true });
  await writeFile(join(cwd, 'fixtures/names/list'), 'ada\n');
  return cwd;
}

const ENVIRONMENT = `
environment:
  volumes:
    - { name: fixtures, persistentVolumeClaim: { claimName: fixtures } }
    - { name: settings, configMap: { name: settings } }
    - { name: scratch, emptyDir: {} }
  mounts:
    - { name: fixtures, mountPath: /data/names, subPath: names, readOnly: true }
    - { name: settings, mountPath: /data/settings }
    - { name: scratch, mountPath: /data/scratch }
  files: [{ path: conf/.env.test, configMap: settings, key: env }]
  runtimeClassName: gvisor
  nodeSelector: { pool: agents }
teammates: [{ name: api, prompt: Say it. }]
`;

test('agents, the setup command and quality gates find volumes and files, which nobody commits', async () => {
  const cwd = await withInputs();
  const work = [
    '. conf/.env.test',
    'echo "$GREETING $(cat "/data/names/list")" > a.txt',
    'cp "/data/settings/env" "/data/scratch/copy"',
    'git add --all',
    'git add --force conf/.env.test',
  ];
  const run = await CodingRun.start(
    cwd,
    {
      files: { 'a.txt': 'zero\n' },
      spec: `${ENVIRONMENT}
qualityGates: { testCommand: '. conf/.env.test && grep -q "$GREETING ada" a.txt && test -e ready' }
`,
      repository: 'setupCommand: [sh, -c, ". conf/.env.test; echo $GREETING > ready"]',
      agents: `${WAITING_LEAD}${mate('api', work.join(' && '))}`,
    },
    ['--volume', `fixtures=${join(cwd, 'fixtures')}`],
  );
  expect(run.outcome).toMatchObject({ exitCode: 0 });
  expect(await git(run.remote, 'diff', '--name-only', 'main', 'teams/crew')).toBe('a.txt\nready');
  expect(await git(run.remote, 'show', 'teams/crew:a.txt')).toBe('hello ada');
  const messages = await run.messagesTo('api');
  for (const path of ['names', 'settings', 'scratch']) {
    expect(messages).toMatch(new RegExp(`^/data/${path} = .+`, 'm'));
  }
});

test('an agent that commits a file is told, and its step fails if it does not undo that', async () => {
  const cwd = await withInputs();
  const work = 'git add --force conf/.env.test && git commit --quiet --message mine';
  const run = await CodingRun.start(
    cwd,
    {
      files: { 'a.txt': 'zero\n' },
      spec: ENVIRONMENT,
      agents: `${WAITING_LEAD}${mate('api', work, '    - { text: I keep it. }\n')}`,
    },
    ['--volume', `fixtures=${join(cwd, 'fixtures')}`],
  );
  expect(run.outcome.exitCode).toBe(1);
  expect(run.outcome.stdout).toContain('api made changes that it is not allowed to make');
  expect(await run.messagesTo('api')).toContain('"conf/.env.test": the team places this file');
  expect(await git(run.remote, 'branch', '--list')).toBe('* main');
});

test('a file that the repository has is refused before an agent starts', async () => {
  const cwd = await withInputs();
  const run = await CodingRun.start(
    cwd,
    { files: { conf: 'ours\n' }, spec: ENVIRONMENT, agents: `${WAITING_LEAD}${mate('api', ':')}` },
    ['--volume', `fixtures=${join(cwd, 'fixtures')}`],
  );
  expect(run.outcome.exitCode).toBe(1);
  expect(run.outcome.stdout).toContain(
    'environment.files would place a file at conf/.env.test, but the repository has conf under version control',
  );
  expect(run.outcome.stdout).toMatch(/^total +0 /m);
});

test('a rehearsal stands in for ConfigMaps with the keys of files', async () => {
  const run = await CodingRun.start(await temporary(), {
    files: { 'a.txt': 'zero\n' },
    spec: ENVIRONMENT,
    agents: `${WAITING_LEAD}${mate('api', 'cp conf/.env.test a.txt')}`,
  });
  expect(run.outcome).toMatchObject({ exitCode: 0 });
  expect(await git(run.remote, 'show', 'teams/crew:a.txt')).toBe(
    'Stand-in for ConfigMap settings in a rehearsal.',
  );
});

test('a volume that only a cluster can mount is a clear error', async () => {
  const cwd = await temporary();
  const team = `
apiVersion: claude.amcheste.io/v1alpha1
kind: AgentTeam
metadata: { name: crew }
spec:
  workspace: { output: {} }
  environment: { volumes: [{ name: data, image: { reference: ghcr.io/acme/data } }] }
  lead: { prompt: Coordinate. }
  teammates: [{ name: api, prompt: Say it. }]
`;
  await writeFile(join(cwd, 'team.yaml'), team);
  expect(await agentteam(['run', 'team.yaml', '--rehearse'], cwd)).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('The volume data has the files of an image'),
  });
});
