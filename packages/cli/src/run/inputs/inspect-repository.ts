import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shellWord } from '@agentteam/text';
import { readUntrusted } from '@agentteam/volume';
import { execa } from 'execa';
import type { Context } from '../../context.ts';
import { usageError } from '../../failure.ts';

const MOST_SHOWN = 5;

/** Configuration of a repository that says how to compare files, and names no program. */
const COMPARING = '^core\\.(autocrlf|eol|filemode|ignorecase|precomposeunicode|symlinks)$';

/** Whatever the configuration says, git fetches no objects, asks no monitor and writes no index. */
const READ_ONLY = {
  LC_ALL: 'C',
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_NO_LAZY_FETCH: '1',
  GIT_OPTIONAL_LOCKS: '0',
};

/**
 * Inspects the user's repository before a run clones it. It may have come with somebody else's team file, so no
 * program that its configuration names is run.
 * @returns a note on uncommitted changes, which a clone does not contain.
 * @throws Failure when git does not trust the directory.
 */
export async function inspectRepository(
  directory: string,
  env: Context['env'],
): Promise<readonly string[]> {
  const git = async (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
    execa('git', ['-C', directory, ...args], {
      env: { ...env, ...READ_ONLY, ...more },
      extendEnv: false,
      stdin: 'ignore',
      reject: false,
    });
  const paths = ['index', 'objects', 'info/exclude'].flatMap((path) => ['--git-path', path]);
  const show = ['--show-object-format', '--path-format=absolute', ...paths, 'HEAD'];
  const found = await git(['rev-parse', ...show]);
  if (/dubious ownership/.test(found.stderr)) {
    throw usageError(
      `${directory} belongs to another user, so git does not trust it`,
      `If you trust it, run: git config --global --add safe.directory ${shellWord(directory)}`,
    );
  }
  const [format = '', index = '', objects = '', exclude = '', head = '', ...more] =
    found.stdout.split('\n');
  // A bare repository has no uncommitted changes, and one without a commit cannot be used.
  if (found.exitCode !== 0 || more.length > 0 || !(await hasFiles(directory))) return [];
  const settings = (await git(['config', '-z', '--get-regexp', COMPARING])).stdout
    .split('\0')
    .filter(Boolean)
    .flatMap((one) => ['-c', one.replace('\n', '=')]);
  const own = await mkdtemp(join(tmpdir(), 'agentteam-inspect-'));
  try {
    // Git reads the configuration of this directory in place of the repository's.
    await git(['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, own]);
    await writeFile(join(own, 'HEAD'), `${head}\n`);
    await mkdir(join(own, 'info'));
    await writeFile(join(own, 'info', 'exclude'), (await readUntrusted(exclude)) ?? '');
    const place = {
      GIT_DIR: own,
      GIT_WORK_TREE: directory,
      GIT_INDEX_FILE: index,
      GIT_OBJECT_DIRECTORY: objects,
    };
    const safe = ['-c', 'core.fsmonitor=false', '-c', 'core.bare=false'];
    const status = ['status', '--porcelain', '-z', '--no-renames', '--ignore-submodules=dirty'];
    const { stdout, exitCode } = await git([...settings, ...safe, ...status], place);
    return exitCode === 0 ? noteOn(directory, stdout.split('\0').filter(Boolean)) : [];
  } finally {
    await rm(own, { recursive: true });
  }
}

/** Whether a repository has a worktree. Of a bare one, the configuration can name any directory as that. */
async function hasFiles(directory: string): Promise<boolean> {
  return (await stat(join(directory, '.git')).catch(() => undefined)) !== undefined;
}

/** @param lines of `git status`. */
function noteOn(directory: string, lines: readonly string[]): readonly string[] {
  const paths = lines.map((line) => line.slice('XY '.length));
  if (paths.length === 0) return [];
  const more = paths.length > MOST_SHOWN ? ` and ${paths.length - MOST_SHOWN} more` : '';
  const shown = paths.slice(0, MOST_SHOWN).map((path) => JSON.stringify(path).slice(1, -1));
  return [
    `Repository: the run uses only committed files of ${directory}; uncommitted: ${shown.join(', ')}${more}`,
  ];
}
