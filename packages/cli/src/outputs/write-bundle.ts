import { lstat, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { RESULT_GIT } from '@agentteam/detail';
import { execa } from 'execa';
import { Failure } from '../failure.ts';

import { isThere } from './copy-file.ts';

/** The name of the bundle in the directory of the results. */
export const BUNDLE = 'result.bundle';

/**
 * Writes the branch of a coding team's result as a git bundle, from which `git clone` and `git fetch` work,
 * and lets git verify it. A bundle with the same commit is kept.
 * @param force whether to replace another bundle.
 * @param repository one that no agent can write to.
 */
export async function writeBundle(
  repository: string,
  branch: string,
  directory: string,
  force: boolean,
): Promise<string> {
  const file = join(resolve(directory), BUNDLE);
  const part = `${file}.part`;
  const git = (...args: string[]) =>
    execa('git', [`--git-dir=${repository}`, ...args], {
      env: RESULT_GIT,
      stdin: 'ignore',
    });
  if (!force && (await lstat(file).catch(() => undefined)) !== undefined) {
    const { stdout: commit } = await git('rev-parse', `refs/heads/${branch}`);
    const heads = await git('bundle', 'list-heads', file).catch(() => undefined);
    if (heads?.stdout.startsWith(`${commit} `)) return file;
    throw isThere(BUNDLE);
  }
  try {
    // Git would follow a link in its place.
    await rm(part, { force: true });
    await git('bundle', 'create', '--quiet', part, `refs/heads/${branch}`);
    await git('bundle', 'verify', '--quiet', part);
  } catch (cause) {
    throw new Failure(`git could not write the branch ${branch} as a bundle`, { cause });
  }
  await rename(part, file);
  return file;
}
