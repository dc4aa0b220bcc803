import { join } from 'node:path';
import { EXIT } from '@agentteam/contract';
import { exists } from '../../step/exists.ts';
import { StepFailure } from '../../step/failure.ts';
import { type GitOptions, git } from '../run.ts';
import type { RemoteAccess } from './access.ts';
import { explainRemoteError } from './explain.ts';
import { lfsConfig } from './lfs-address.ts';

/** The section that `git lfs install` writes. */
export const LFS_SECTION = `[filter "lfs"]
	clean = git-lfs clean -- %f
	smudge = git-lfs smudge -- %f
	process = git-lfs filter-process
	required = true
`;

/** Whether a commit's `.gitattributes` files use Git LFS. */
export async function usesLfs(commit: string, options: GitOptions): Promise<boolean> {
  const args = ['grep', '--quiet', '-F', 'filter=lfs', commit, '--', ':(glob)**/.gitattributes'];
  return (await git(args, { ...options, accept: [0, 1] })).exitCode === 0;
}

/** Fetches a commit's Git LFS files into the clone. Agents could not fetch them: they have no credentials. */
export async function fetchLfs(
  ref: string,
  access: RemoteAccess,
  options: GitOptions,
): Promise<void> {
  await git(['lfs', 'version'], options).catch((error: unknown) => {
    throw new StepFailure(
      'The repository uses Git LFS, but git-lfs is not installed. Install it (https://git-lfs.com), or use a release image, which includes it.',
      EXIT.invalid,
      error,
    );
  });
  await lfs(['fetch', 'origin', ref], access, options);
}

/**
 * Uploads the Git LFS files that the team added.
 * @param options git options for a bare clone that has these files.
 */
export async function pushLfs(
  ref: string,
  access: RemoteAccess,
  options: GitOptions,
): Promise<void> {
  // The team may have turned Git LFS on without adding a file to it.
  if (!(await exists(join(options.cwd, 'lfs')))) return;
  await lfs(['push', 'origin', ref], access, options);
}

async function lfs(
  args: readonly string[],
  { remote, config, env }: RemoteAccess,
  options: GitOptions,
): Promise<void> {
  const origin = {
    ...config,
    ...(await lfsConfig(remote, options)),
    'lfs.locksverify': 'false',
  };
  const all = { ...options, config: origin, env: { ...options.env, ...env } };
  await git(['lfs', ...args], all).catch((error: unknown) => {
    throw explainRemoteError(error, remote);
  });
}
