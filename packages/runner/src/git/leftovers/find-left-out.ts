import { createHash } from 'node:crypto';
import { appendFile, lstat, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inTree } from '../options.ts';
import { EXCLUDE_FILE } from '../own-repository.ts';
import { ownRepository, type TeamRepository, treeOf } from '../repository.ts';
import { type GitOptions, gitFields } from '../run.ts';
import { isPlaced } from '../scope/placed.ts';
import type { ChangedPath } from '../worktree/changed-paths.ts';
import { excludeFile, isSecretFile, isSecretLine, isTemporaryFile, literal } from './ignore.ts';
import type { LeftOut } from './left-out.ts';
import { describeNested, isCacheTag } from './nested.ts';
import { findSecrets, MAX_SEARCHED_BYTES, MAX_SECRETS } from './secrets.ts';

/**
 * Finds the files that must not be committed for an agent: repositories inside the worktree, files
 * that builds and package managers leave, large files, and files with likely secrets. Files that git
 * already tracks are never among them: a person or the agent has added those on purpose.
 * @param changed paths that differ from the last commit.
 */
export async function findLeftOut(
  repository: TeamRepository,
  agent: string,
  changed: readonly ChangedPath[],
  signal: AbortSignal,
): Promise<readonly LeftOut[]> {
  const tree = treeOf(repository, agent);
  const options = inTree(repository, agent, signal);
  const found: LeftOut[] = [];
  const caches = await cacheDirectories(tree, changed);
  const large: LeftOut[] = [];
  const listed = await listIgnored(options);
  const secretFiles = await readSecretFiles(tree, listed, repository);
  for (const { path, isNew } of changed) {
    if (!isNew) continue;
    if (caches.some((directory) => path.startsWith(directory))) continue;
    const file = join(tree, path);
    const stat = await lstat(file).catch(() => undefined);
    if (stat?.isDirectory()) {
      const reason = await describeNested(file);
      if (reason !== undefined) found.push({ path: path.replace(/\/?$/, '/'), reason });
    } else if (stat?.isFile() && stat.size > repository.leftovers.maxFileSize) {
      large.push({ path, reason: megabytes(stat.size) });
    } else if (stat?.isFile() && stat.size <= MAX_SEARCHED_BYTES) {
      const content = await readFile(file).catch(() => Buffer.alloc(0));
      const same = secretFiles.get(digestOf(content));
      const [secret] = same === undefined ? await findSecrets(path, content.toString()) : [];
      if (same !== undefined) found.push({ path, reason: `the same content as ${same}` });
      else if (secret !== undefined)
        found.push({ path, reason: `a likely secret: ${secret.kind}` });
    }
  }
  return [
    ...(await ignored(repository, listed, options)),
    ...caches.map((path) => ({ path, reason: 'a cache' })),
    ...(await notInLfs(large, options)),
    ...found,
  ];
}

/** Makes git ignore these files too, until the next {@link restoreTrustedFiles}. */
export async function exclude(
  repository: TeamRepository,
  agent: string,
  leftOut: readonly LeftOut[],
): Promise<void> {
  // Each pattern is one line, so a name with a newline cannot be written as one.
  const lines = leftOut.filter(({ path }) => !path.includes('\n')).map(({ path }) => literal(path));
  if (lines.length === 0) return;
  const file = join(ownRepository(repository, agent), EXCLUDE_FILE);
  await appendFile(file, lines.map((line) => `${line}\n`).join(''));
}

/** Untracked files that `info/exclude` names, whatever a `.gitignore` says of them. */
function listIgnored(options: GitOptions): Promise<readonly string[]> {
  const file = join(options.env?.['GIT_DIR'] ?? '', EXCLUDE_FILE);
  const list = ['ls-files', '--others', '--ignored', '--directory', '-z', `--exclude-from=${file}`];
  return gitFields(list, options);
}

/**
 * The files among some untracked ones whose names say that they hold secrets, by a digest of their content. The agent
 * may have linked or copied them to another name.
 */
async function readSecretFiles(
  tree: string,
  paths: readonly string[],
  { leftovers }: TeamRepository,
): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const path of paths.filter((one) => isSecretFile(one, leftovers)).slice(0, MAX_SECRETS)) {
    const file = join(tree, path);
    const stat = await lstat(file).catch(() => undefined);
    if (!stat?.isFile() || stat.size > MAX_SEARCHED_BYTES) continue;
    const content = await readFile(file).catch(() => Buffer.alloc(0));
    // Empty files have no secret in common.
    if (content.toString('latin1').trim() !== '') files.set(digestOf(content), path);
  }
  return files;
}

function digestOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Untracked files that only `info/exclude` keeps out. Those that a `.gitignore` names are not reported. */
async function ignored(
  repository: TeamRepository,
  paths: readonly string[],
  options: GitOptions,
): Promise<readonly LeftOut[]> {
  const text = excludeFile(repository.leftovers);
  if (paths.length === 0) return [];
  // `check-ignore` does not support literal pathspecs. With `./` in front, no path is read as magic.
  const input = paths.map((path) => `./${path}\0`).join('');
  const env = { ...options.env, GIT_LITERAL_PATHSPECS: '0' };
  const check = ['check-ignore', '--verbose', '-z', '--stdin'];
  const fields = await gitFields(check, { ...options, env, input, accept: [0, 1] });
  const leftOut: LeftOut[] = [];
  for (let at = 0; at + 3 < fields.length; at += 4) {
    const [source = '', line = '', , path = ''] = fields.slice(at, at + 4);
    if (!source.endsWith(`/${EXCLUDE_FILE}`) || isTemporaryFile(path)) continue;
    // The team has placed the file, and knows of it.
    if (isPlaced(repository, path.slice('./'.length))) continue;
    const isSecret = isSecretLine(text, Number(line));
    leftOut.push({
      path: path.slice('./'.length),
      reason: isSecret ? 'it may hold secrets' : 'not part of the sources',
    });
  }
  return leftOut;
}

async function cacheDirectories(
  tree: string,
  changed: readonly ChangedPath[],
): Promise<readonly string[]> {
  const directories: string[] = [];
  for (const { path, isNew } of changed) {
    if (!isNew || !path.endsWith('/CACHEDIR.TAG') || !(await isCacheTag(join(tree, path))))
      continue;
    directories.push(`${dirname(path)}/`);
  }
  return directories;
}

/** Git LFS files can have any size: only a pointer is committed. */
async function notInLfs(
  files: readonly LeftOut[],
  options: GitOptions,
): Promise<readonly LeftOut[]> {
  if (files.length === 0) return [];
  const input = files.map(({ path }) => `${path}\0`).join('');
  const fields = await gitFields(['check-attr', '-z', '--stdin', 'filter'], { ...options, input });
  const inLfs = new Set<string>();
  for (let at = 0; at + 2 < fields.length; at += 3) {
    if (fields[at + 2] === 'lfs') inLfs.add(fields[at] ?? '');
  }
  return files.filter(({ path }) => !inLfs.has(path));
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}
