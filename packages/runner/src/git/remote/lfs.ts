import { readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT } from '@agentteam/contract';
import { exists } from '../../step/exists.ts';
import { StepFailure } from '../../step/failure.ts';
import { type GitOptions, git } from '../run.ts';
import type { RemoteAccess } from './access.ts';
import { explainRemoteError } from './explain.ts';

/** What `git lfs install` writes: how files pass in and out of Git LFS. */
export const LFS_CONFIG: readonly (readonly [key: string, value: string])[] = [
  ['filter.lfs.clean', 'git-lfs clean -- %f'],
  ['filter.lfs.smudge', 'git-lfs smudge -- %f'],
  ['filter.lfs.process', 'git-lfs filter-process'],
  ['filter.lfs.required', 'true'],
];

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
 * Uploads the large files that a commit needs, from the shared clone.
 * @param options of a call in a bare clone of this step's own.
 * @param store whose files they are. Any agent can write there: a link in a file's place could
 *   send a secret of this step's instead, so there may be none.
 */
export async function pushLfs(
  ref: string,
  store: string,
  access: RemoteAccess,
  options: GitOptions,
): Promise<void> {
  const storage = join(store, 'lfs');
  // Who puts files into Git LFS where nobody did before has none in there.
  if (!(await exists(storage))) return;
  const entries = await readdir(storage, { recursive: true, withFileTypes: true });
  const link = entries.find((entry) => !entry.isFile() && !entry.isDirectory());
  if (link !== undefined) {
    const path = join(link.parentPath, link.name);
    throw new StepFailure(`${path} is in Git LFS's storage and is no file.`, EXIT.refused);
  }
  // Not by `lfs.storage`: for a remote on this machine that would name the remote's storage too.
  await symlink(storage, join(options.cwd, 'lfs'));
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
