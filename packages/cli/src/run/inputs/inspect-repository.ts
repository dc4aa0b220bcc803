import { shellWord } from '@agentteam/text';
import { execa } from 'execa';
import type { Context } from '../../context.ts';
import { usageError } from '../../failure.ts';

const MOST_SHOWN = 5;

/**
 * Inspects the user's repository, with the user's git configuration, before a run clones it.
 * @returns a note on uncommitted changes, which a clone does not contain.
 * @throws Failure when git does not trust the directory.
 */
export async function inspectRepository(
  directory: string,
  env: Context['env'],
): Promise<readonly string[]> {
  const { stdout, stderr, exitCode } = await execa(
    'git',
    ['-C', directory, 'status', '--porcelain', '-z', '--no-renames'],
    { env: { ...env, LC_ALL: 'C' }, extendEnv: false, stdin: 'ignore', reject: false },
  );
  if (/dubious ownership/.test(stderr)) {
    throw usageError(
      `${directory} belongs to another user, so git does not trust it`,
      `If you trust it, run: git config --global --add safe.directory ${shellWord(directory)}`,
    );
  }
  // `git status` fails in a bare repository, which has no uncommitted changes.
  if (exitCode !== 0) return [];
  const paths = stdout
    .split('\0')
    .filter(Boolean)
    .map((line) => line.slice('XY '.length));
  if (paths.length === 0) return [];
  const more = paths.length > MOST_SHOWN ? ` and ${paths.length - MOST_SHOWN} more` : '';
  const shown = paths.slice(0, MOST_SHOWN).map((path) => JSON.stringify(path).slice(1, -1));
  return [
    `Repository: the run uses only committed files of ${directory}; uncommitted: ${shown.join(', ')}${more}`,
  ];
}
