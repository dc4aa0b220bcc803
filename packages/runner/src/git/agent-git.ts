import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TeamRef } from '@agentteam/contract';
import { identityEnvironment, trailerLines } from './identity.ts';

/**
 * What an agent's own git needs: its name on its commits, the trailers that say which team and
 * agent, and hooks from nowhere but here: the shared clone's are any agent's to write, and would
 * run in every other's pod.
 * @param directory where to put the hook; only this agent's pod sees it.
 * @returns variables for the environment of the agent's process.
 */
export async function prepareAgentGit(
  directory: string,
  ref: TeamRef,
  agent: string,
): Promise<Readonly<Record<string, string>>> {
  await mkdir(directory, { recursive: true });
  const trailers = trailerLines(ref, agent).map((line) => ` --trailer '${line}'`);
  const command = `git interpret-trailers --in-place --if-exists addIfDifferent${trailers.join('')}`;
  await writeFile(join(directory, 'commit-msg'), `#!/bin/sh\nexec ${command} "$1"\n`, {
    mode: 0o755,
  });
  const config = [
    ['core.hooksPath', directory],
    ['core.fsmonitor', 'false'],
    ['core.pager', 'cat'],
    ['commit.gpgSign', 'false'],
    ['gc.auto', '0'],
    ['maintenance.auto', 'false'],
    ['advice.detachedHead', 'false'],
    ['safe.directory', '*'],
  ];
  return {
    ...identityEnvironment(ref, agent),
    GIT_TERMINAL_PROMPT: '0',
    GIT_EDITOR: 'true',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_COUNT: String(config.length),
    ...Object.fromEntries(
      config.flatMap(([key = '', value = ''], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  };
}
