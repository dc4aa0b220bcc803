import { expect, test } from '@jest/globals';
import { temporaryDirectories } from '../../packages/cli/test/temporary.ts';
import { runOnLaptop } from './laptop-team.ts';
import { TOOLCHAINS, tests, WAITING_LEAD } from './toolchains.ts';

/*
 * Agents with the toolchains of this machine, in a sandbox: `agentteam run` without `--containers`. The programs
 * must be installed for all users, because a sandbox does not show the home directory (on Debian:
 * golang or /usr/local/go, python3-venv, default-jdk-headless, cargo).
 */

const temporary = temporaryDirectories();
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/go/bin';

/** The toolchains without their images: those of Alpine are the same. */
const INSTALLED = ['golang', 'python-slim', 'temurin', 'rust', 'node-alpine'];

test.each(Object.entries(TOOLCHAINS).filter(([name]) => INSTALLED.includes(name)))(
  'an agent uses the toolchain of %s that this machine has, and so do the checks',
  async (name, toolchain) => {
    const run = await runOnLaptop(
      await temporary(),
      {
        spec: {
          // Without --containers, an image is a note.
          environment: {
            image: 'registry.invalid/none:1',
            env: [
              { name: 'MODE', value: 'of-the-team' },
              // Nothing else sets it on a machine.
              { name: 'JAVA_HOME', value: '/usr' },
            ],
          },
          teammates: [{ name: 'worker', prompt: `Test ${name}.` }],
          qualityGates: {
            requireTests: true,
            testCommand: `cd ${toolchain.directory} && ${toolchain.command}`,
          },
          lifecycle: { onComplete: 'push-branch' },
        },
        agents: { 'team-lead': WAITING_LEAD, worker: tests('worker', toolchain, 'echo "$MODE"') },
      },
      ['--sandbox'],
      { PATH },
    );
    expect(run.outcome).toMatchObject({ exitCode: 0 });
    expect(run.outcome.stderr).toContain('Agents use the programs of this machine');
    const result = await run.result('worker');
    expect(result).toContain('passed');
    expect(result).toContain(toolchain.program);
    expect(result.at(-1)).toBe('of-the-team');
  },
);
