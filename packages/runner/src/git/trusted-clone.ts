import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { baseStoreOf, type TeamRepository } from './repository.ts';
import { type GitOptions, git } from './run.ts';

/** Ref of the base in such a clone. Git LFS assumes that the remote has what `refs/remotes` has. */
export const CLONE_BASE = 'refs/remotes/origin/base';

/**
 * Makes a bare repository that no agent can write to, for a step without an agent. It has git's
 * default configuration, and the base's objects as an alternate. Work can be taken over into it.
 * @returns git options for it.
 */
export async function makeTrustedClone(
  repository: TeamRepository,
  directory: string,
  signal: AbortSignal,
): Promise<GitOptions> {
  const { base, shallow } = repository;
  await mkdir(directory, { recursive: true });
  const options: GitOptions = { cwd: directory, signal, env: { GIT_DIR: directory } };
  await git(['init', '--quiet', '--bare', '--template='], options);
  const objects = join(directory, 'objects');
  await mkdir(join(objects, 'info'), { recursive: true });
  const known = join(baseStoreOf(repository), 'objects');
  // A relative path works wherever the claim is mounted.
  const isBeside = directory.startsWith(`${repository.directory}${sep}`);
  const alternate = isBeside ? relative(objects, known) : known;
  await writeFile(join(objects, 'info', 'alternates'), `${alternate}\n`);
  if (shallow.length > 0) {
    await writeFile(join(directory, 'shallow'), shallow.map((id) => `${id}\n`).join(''));
  }
  await git(['update-ref', CLONE_BASE, base], options);
  // git reads `.lfsconfig` from HEAD: use the base's, not an agent's.
  await git(['update-ref', '--no-deref', 'HEAD', base], options);
  return options;
}
