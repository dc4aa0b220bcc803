import { lstat, readdir, realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { EXIT } from '@agentteam/contract';
import { shellQuoted } from '@agentteam/text';
import { StepFailure } from '../../step/failure.ts';
import { type GitOptions, git, gitLine } from '../run.ts';

/** Configuration with which a push to a repository on this machine runs no program that the repository names. */
const RECEIVING: readonly (readonly [key: string, value: string])[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.alternateRefsCommand', 'true'],
  ['core.fsmonitor', 'false'],
  ['receive.autogc', 'false'],
  ['receive.denyCurrentBranch', 'refuse'],
  ['receive.updateServerInfo', 'false'],
];

/**
 * The program that receives a push to a repository on this machine, as a command of a shell. Whoever wrote the team
 * file has chosen the repository, whose hooks and configuration can name programs, and whose links can lead the push
 * to other files. None of these programs is run, and no link is followed.
 * @throws StepFailure when the path is not a repository, or a push would follow a link.
 */
export async function localReceiver(
  path: string,
  branch: string,
  signal: AbortSignal,
): Promise<string> {
  const repository = await inLocalRemote(path, signal);
  const common = ['rev-parse', '--path-format=absolute', '--git-common-dir'];
  await refuseLinks(await gitLine(common, repository), branch, repository);
  const hooks = (await configuredHooks(repository)).map((key) => [key, 'false'] as const);
  const config = [...RECEIVING, ...hooks].flatMap(([key, value], index) => [
    `GIT_CONFIG_KEY_${index}=${shellQuoted(key)}`,
    `GIT_CONFIG_VALUE_${index}=${shellQuoted(value)}`,
  ]);
  // For a local path, git removes these variables from the receiver's environment.
  return ['env', `GIT_CONFIG_COUNT=${config.length / 2}`, ...config, 'git', 'receive-pack'].join(
    ' ',
  );
}

/**
 * Options for git in a repository on this machine. Git does not look for one in the directories above: for a push it
 * would not, and it would be another repository than the one that was checked.
 */
export async function inLocalRemote(path: string, signal: AbortSignal): Promise<GitOptions> {
  return { cwd: path, signal, env: { GIT_CEILING_DIRECTORIES: dirname(await realpath(path)) } };
}

/** Since git 2.54, the configuration can name hooks, which `core.hooksPath` does not affect. */
async function configuredHooks(repository: GitOptions): Promise<readonly string[]> {
  const args = ['config', '--null', '--name-only', '--get-regexp', '^hook\\.'];
  const { stdout } = await git(args, { ...repository, accept: [0, 1] });
  const names = stdout.split('\0').flatMap((key) => /^hook\.(.*)\.[^.]*$/s.exec(key)?.[1] ?? []);
  return [...new Set(names)].map((name) => `hook.${name}.enabled`);
}

/** Refuses a repository in which a push would write through a link, for example to a file that a shell reads. */
async function refuseLinks(common: string, branch: string, repository: GitOptions): Promise<void> {
  const parts = ['refs', 'heads', ...branch.split('/')];
  const refs = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  const logs = ['logs', ...refs.map((ref) => `logs/${ref}`)];
  for (const place of [...refs, ...logs, 'reftable', 'shallow', 'objects', 'lfs']) {
    await refuseLink(join(common, place));
  }
  await refuseLinksIn(join(common, 'objects'), 1);
  const args = ['config', '--type=path', '--get', 'lfs.storage'];
  const { stdout } = await git(args, { ...repository, accept: [0, 1] });
  const storage = resolve(common, stdout.trimEnd() || 'lfs');
  await refuseLinksIn(storage, 1);
  // Git LFS stores a file at `objects/ab/cd/<id>`.
  await refuseLinksIn(join(storage, 'objects'), 3);
}

async function refuseLinksIn(directory: string, depth: number): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(directory, entry.name);
    if (entry.isSymbolicLink()) throw leadsElsewhere(path);
    if (entry.isDirectory() && depth > 1) await refuseLinksIn(path, depth - 1);
  }
}

async function refuseLink(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSymbolicLink()) throw leadsElsewhere(path);
}

function leadsElsewhere(path: string): StepFailure {
  const message = `${path} is a link, and a push to the repository would write to the place where it leads: push to a bare clone of the repository, or name another one.`;
  return new StepFailure(message, EXIT.refused);
}
