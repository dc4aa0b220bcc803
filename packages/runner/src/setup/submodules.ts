import type { RemoteAccess } from '../git/remote/access.ts';
import { explainRemoteError } from '../git/remote/explain.ts';
import { git, gitLine } from '../git/run.ts';

/**
 * Checks out a worktree's submodules, if it has any. Agents could not do that: they have no
 * credentials. Credentials are sent to the repository's own host only, and local paths are refused.
 */
export async function fillSubmodules(
  tree: string,
  { remote, config, env }: RemoteAccess,
  signal: AbortSignal,
): Promise<void> {
  const options = { cwd: tree, signal };
  if ((await gitLine(['ls-files', '--', '.gitmodules'], options)) === '') return;
  // Relative URLs of submodules are relative to this one.
  const origin = { ...config, 'remote.origin.url': remote.url };
  const args = ['submodule', '--quiet', 'update', '--init', '--recursive', '--checkout'];
  await git(args, { ...options, config: origin, env }).catch((error: unknown) => {
    throw explainRemoteError(error, remote);
  });
}
