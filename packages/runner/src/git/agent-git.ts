import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { identityEnvironment, trailerLines } from './identity.ts';
import { ownRepository, sharesTree, type TeamRepository } from './repository.ts';

/**
 * Prepares git for an agent's own use: its commits carry its name, and trailers that name the team
 * and the agent.
 * @param directory where the hook is written; only this agent's pod sees it.
 * @returns environment variables for the agent's process.
 */
export async function prepareAgentGit(
  directory: string,
  repository: TeamRepository,
  agent: string,
): Promise<Readonly<Record<string, string>>> {
  const { ref } = repository;
  const isShared = sharesTree(repository, agent);
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
    // Other agents can write to the submodules of a shared tree.
    ...(isShared ? [['diff.ignoreSubmodules', 'all']] : []),
  ];
  return {
    ...identityEnvironment(ref, agent),
    // A tree that several agents share has no `.git`: that would be one repository for all of them.
    ...(isShared && { GIT_DIR: ownRepository(repository, agent) }),
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
