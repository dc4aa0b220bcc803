import { join } from 'node:path';
import { EXIT } from '@agentteam/contract';
import { exists } from '../../step/exists.ts';
import { StepFailure } from '../../step/failure.ts';
import { type GitOptions, git } from '../run.ts';
import type { RemoteAccess } from './access.ts';
import { explainRemoteError } from './explain.ts';

/** What `git lfs install` writes: how files pass in and out of Git LFS. */
export const LFS_SECTION = `[filter "lfs"]
	clean = git-lfs clean -- %f
	smudge = git-lfs smudge -- %f
	process = git-lfs filter-process
	required = true
`;

/** Whether a commit's `.gitattributes` put files into Git LFS. */
export async function usesLfs(commit: string, options: GitOptions): Promise<boolean> {
  const args = ['grep', '--quiet', '-F', 'filter=lfs', commit, '--', ':(glob)**/.gitattributes'];
  return (await git(args, { ...options, accept: [0, 1] })).exitCode === 0;
}

/** Fetches the large files of a commit into the clone: later nobody has the credentials for that. */
export async function fetchLfs(
  ref: string,
  access: RemoteAccess,
  options: GitOptions,
): Promise<void> {
  await git(['lfs', 'version'], options).catch((error: unknown) => {
    throw new StepFailure(
      'The repository keeps files in Git LFS, and git-lfs is not installed here. Install it (https://git-lfs.com); the image of a release has it.',
      EXIT.invalid,
      error,
    );
  });
  await lfs(['fetch', 'origin', ref], access, options);
}

/**
 * Uploads the large files that a commit needs, and that the team added.
 * @param options of a call in a bare clone of this step's own, which has these files.
 */
export async function pushLfs(
  ref: string,
  access: RemoteAccess,
  options: GitOptions,
): Promise<void> {
  // An agent that puts files into Git LFS where nobody did before may have added none.
  if (!(await exists(join(options.cwd, 'lfs')))) return;
  await lfs(['push', 'origin', ref], access, options);
}

async function lfs(
  args: readonly string[],
  { remote, config, env }: RemoteAccess,
  options: GitOptions,
): Promise<void> {
  const url = remote.kind === 'local' ? `file://${encodeURI(remote.path)}` : remote.url;
  const origin = { ...config, 'remote.origin.url': url, 'lfs.locksverify': 'false' };
  const all = { ...options, config: origin, env: { ...options.env, ...env } };
  await git(['lfs', ...args], all).catch((error: unknown) => {
    throw explainRemoteError(error, remote);
  });
}
