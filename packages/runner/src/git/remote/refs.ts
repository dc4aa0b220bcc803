import { type GitOptions, git } from '../run.ts';
import type { RemoteAccess } from './access.ts';
import { explainRemoteError } from './explain.ts';

/** Branches of a remote. */
export interface RemoteRefs {
  /** Commit of each, by the branch's name. */
  readonly branches: ReadonlyMap<string, string>;
  /** Absent: its HEAD leads to no branch. */
  readonly defaultBranch?: string;
}

/** Asks a remote for its branches. @param local options of a call in any repository, or in none. */
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

/** Some names, for a sentence. */
export function shownBranches(branches: ReadonlyMap<string, string>): string {
  const names = [...branches.keys()];
  const more = names.length > 20 ? ` and ${names.length - 20} more` : '';
  return `${names.slice(0, 20).join(', ')}${more}`;
}
