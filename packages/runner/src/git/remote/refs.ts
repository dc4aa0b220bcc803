import { type GitOptions, git } from '../run.ts';
import type { RemoteAccess } from './access.ts';
import { explainRemoteError } from './explain.ts';

/** Branches of a remote. */
export interface RemoteRefs {
  /** Commit ids by branch name. */
  readonly branches: ReadonlyMap<string, string>;
  /** Absent when the remote's HEAD names no branch. */
  readonly defaultBranch?: string;
}

/** Lists the branches of a remote. @param local git options; any working directory will do. */
export async function listRemote(
  { remote, config, env }: RemoteAccess,
  local: GitOptions,
): Promise<RemoteRefs> {
  const args = ['ls-remote', '--symref', '--', remote.url, 'HEAD', 'refs/heads/*'];
  try {
    const { stdout } = await git(args, { ...local, config, env: { ...local.env, ...env } });
    const [, defaultBranch] = /^ref: refs\/heads\/(.+)\tHEAD$/m.exec(stdout) ?? [];
    const found = stdout.matchAll(/^([0-9a-f]{40,64})\trefs\/heads\/(.+)$/gm);
    return {
      branches: new Map([...found].map(([, commit = '', name = '']) => [name, commit] as const)),
      ...(defaultBranch !== undefined && { defaultBranch }),
    };
  } catch (error) {
    throw explainRemoteError(error, remote);
  }
}

/** The first branch names, for a message. */
export function shownBranches(branches: ReadonlyMap<string, string>): string {
  const names = [...branches.keys()];
  const more = names.length > 20 ? ` and ${names.length - 20} more` : '';
  return `${names.slice(0, 20).join(', ')}${more}`;
}
