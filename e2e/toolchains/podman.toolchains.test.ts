import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { temporaryDirectories } from '../../packages/cli/test/temporary.ts';
import { type TestPodman, testPodman } from '../../packages/local/test/support/images.ts';
import { runOnLaptop } from './laptop-team.ts';
import { imageOf, TOOLCHAINS, tests, WAITING_LEAD } from './toolchains.ts';

/* Agents in images that are not ours, in podman: `agentteam run --containers`. */

let podman: TestPodman;
let cache: string;
beforeAll(async () => {
  podman = testPodman({ ownImages: false });
  cache = await mkdtemp(join(tmpdir(), 'cache-'));
});
afterAll(async () => {
  podman.close();
  await rm(cache, { recursive: true, force: true });
});
const temporary = temporaryDirectories();
const env = () => ({ ...podman.env, XDG_CACHE_HOME: cache });

test.each(Object.entries(TOOLCHAINS))(
  'an agent in the image %s builds and tests a repository in podman, and so do the checks',
  async (name, toolchain) => {
    const { directory, command, program } = toolchain;
    const run = await runOnLaptop(
      await temporary(),
      {
        spec: {
          environment: {
            image: imageOf(name),
            imagePullPolicy: 'Never',
            env: [
              { name: 'MODE', value: '$(HOME)' },
              { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
            ],
          },
          teammates: [{ name: 'worker', prompt: 'Test it.' }],
          qualityGates: { requireTests: true, testCommand: `cd ${directory} && ${command}` },
          lifecycle: { onComplete: 'push-branch' },
        },
        agents: {
          'team-lead': WAITING_LEAD,
          worker: tests('worker', toolchain, 'echo "$MODE|$POD|$HOME"; id -u; command -v git'),
        },
      },
      ['--containers'],
      env(),
    );
    expect(run.outcome).toMatchObject({ exitCode: 0 });
    const tail = ['passed', program, '$(HOME)|default|/home/agent', '1000'];
    expect((await run.result('worker')).slice(-5)).toEqual([...tail, '/opt/agentteam/path/git']);
    expect(podman.call('ps', '--all', '--quiet', '--filter', 'name=agentteam-')).toBe('');
  },
);

test('a distroless image fails its agent before anything is spent, and says what to use', async () => {
  const run = await runOnLaptop(
    await temporary(),
    {
      spec: {
        teammates: [
          {
            name: 'worker',
            prompt: 'Work.',
            environment: { image: imageOf('distroless'), imagePullPolicy: 'Never' },
          },
        ],
      },
      agents: { 'team-lead': WAITING_LEAD },
    },
    ['--containers'],
    env(),
  );
  expect(run.outcome.exitCode).not.toBe(0);
  const { status } = JSON.parse(await run.status());
  expect(status.teammates).toMatchObject([
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
