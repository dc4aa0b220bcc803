import { EXIT } from '@agentteam/contract';
import { StepFailure } from '../../step/failure.ts';
import { type GitOptions, git } from '../run.ts';
import type { RemoteUrl } from './url.ts';

/** Characters that the shell of an SSH host gives no meaning. */
const PLAIN_PATH = /^[\p{L}\p{N}_./~@+:,=-]*$/u;

/**
 * The configuration with which Git LFS uses a repository and no other place. Whoever wrote the repository can name
 * another one in its `.lfsconfig`: over SSH, where Git LFS (3.3.0 to 3.7.1) sends `git-lfs-authenticate PATH download`
 * and does not quote the path, so that the shell there runs any command in it; a directory of this machine; or a server
 * that answers with requests for Git LFS to make to any address.
 * @param options git options for a bare repository whose HEAD has the `.lfsconfig`.
 * @throws StepFailure that names the address.
 */
export async function lfsConfig(
  remote: RemoteUrl,
  options: GitOptions,
): Promise<Readonly<Record<string, string>>> {
  if (remote.kind === 'local') {
    // This takes precedence over the `.lfsconfig`.
    const url = `file://${encodeURI(remote.path)}`;
    return { 'remote.origin.url': url, 'lfs.url': url, 'lfs.pushurl': url };
  }
  for (const [key, address] of await lfsAddresses(options)) {
    // Git LFS follows it. An agent could have written the file, and could write it anew after this check.
    if (key.startsWith('include')) {
      const message = `The repository's .lfsconfig includes another file (${key}), which is not supported: remove that.`;
      throw new StepFailure(message, EXIT.invalid);
    }
    if (isAtHostOf(remote, address)) continue;
    throw new StepFailure(
      `The repository's .lfsconfig sets ${key} to ${JSON.stringify(address)}, but only an http or https server of Git LFS at the repository's own host is supported: change it there.`,
      EXIT.invalid,
    );
  }
  if (remote.kind === 'ssh' && !PLAIN_PATH.test(remote.path)) {
    throw new StepFailure(
      'The repository uses Git LFS, which does not quote the path of an SSH URL, and the path has characters with a meaning in a shell: rename the repository, or use its https URL.',
      EXIT.invalid,
    );
  }
  return { 'remote.origin.url': remote.url };
}

/**
 * The settings of the `.lfsconfig` that are an address, or include another file. Git LFS reads the lines that
 * `git config --list` prints, and ignores the case of keys. A value with a line break is several settings to it, and a
 * key with `=`, as in `[lfs "url=ssh"]`, is another key.
 */
async function lfsAddresses(options: GitOptions): Promise<readonly (readonly [string, string])[]> {
  const list = ['config', '--blob', 'HEAD:.lfsconfig', '--list'];
  const { stdout } = await git(list, { ...options, accept: [0, 128] });
  return stdout
    .split('\n')
    .map((line) => /^([^=]*)=?(.*)$/s.exec(line) ?? [])
    .map(([, key = '', value = '']) => [key.trim(), value] as const)
    .filter(([key]) => /^include|url$/i.test(key));
}

function isAtHostOf({ kind, host }: Exclude<RemoteUrl, { readonly kind: 'local' }>, text: string) {
  // Git reads some URLs differently, such as those with a backslash.
  const [, authority = ''] = /^https?:\/\/([A-Za-z0-9.:[\]-]+)(?:\/[!-[\]-~]*)?$/.exec(text) ?? [];
  const own = kind === 'ssh' ? host.replace(/^ssh\./, '') : withoutPort(host);
  return authority !== '' && withoutPort(authority).toLowerCase() === own.toLowerCase();
}

function withoutPort(authority: string): string {
  return authority.replace(/:[0-9]*$/, '');
}
