import { randomBytes } from 'node:crypto';
import { rename, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EXIT, type PlacedFile } from '@agentteam/contract';
import { inCreatedDirectory, RefusedError } from '@agentteam/volume';
import { StepFailure } from '../../step/failure.ts';
import { readPlacedFile } from '../../step/placed-file.ts';
import { print } from '../../step/print.ts';
import { inTree } from '../options.ts';
import { type TeamRepository, treeOf } from '../repository.ts';
import { type GitOptions, gitFields } from '../run.ts';

/**
 * Writes the files of `environment.files` into an agent's worktree. They replace what an earlier attempt left
 * there. A file that the agent has committed stays as it is, and the check of its commits refuses it.
 * @param root value of `AGENTTEAM_ROOT`.
 * @throws StepFailure with `EXIT.invalid` when a file cannot be read, or something is in its way.
 */
export async function placeFiles(
  root: string,
  repository: TeamRepository,
  agent: string,
  files: readonly PlacedFile[],
  signal: AbortSignal,
): Promise<void> {
  if (files.length === 0) return;
  const paths = files.map(({ path }) => path);
  const options = inTree(repository, agent, signal);
  const tracked = new Set(await gitFields(['ls-files', '-z', '--', ...paths], options));
  for (const file of files) {
    if (tracked.has(file.path)) {
      await refuseTracked(repository, file.path, options);
      print(`${file.path} is not placed, because ${agent} has added it to git`);
      continue;
    }
    await place(treeOf(repository, agent), file.path, await readPlacedFile(root, file));
  }
}

/** A retry with a changed spec may name a file of the repository. Setup does not check that again. */
async function refuseTracked(
  { base }: TeamRepository,
  path: string,
  options: GitOptions,
): Promise<void> {
  const args = ['ls-tree', '-z', '--name-only', base, '--', path];
  if ((await gitFields(args, options)).length > 0) {
    throw inTheWay(path, 'the repository has it under version control');
  }
}

/** The worktree is one that agents write to, so no link in it is followed. */
async function place(tree: string, path: string, content: Buffer): Promise<void> {
  const names = path.split('/');
  const name = names.pop() ?? '';
  try {
    await inCreatedDirectory(tree, names, async (directory) => {
      // Git ignores files with this form of name, if a killed runner leaves one behind.
      const temporary = join(
        directory,
        `${name}.tmp.${process.pid}.${randomBytes(6).toString('hex')}`,
      );
      await writeFile(temporary, content, { flag: 'wx', mode: 0o644 });
      await rename(temporary, join(directory, name)).catch(async (error: unknown) => {
        await unlink(temporary).catch(() => {});
        throw error;
      });
    });
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (error instanceof RefusedError) throw inTheWay(path, `${dirname(path)} is not a directory`);
    if (['EISDIR', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(code)) {
      throw inTheWay(path, 'a directory is there');
    }
    throw error;
  }
}

function inTheWay(path: string, what: string): StepFailure {
  const message = `${path} cannot be placed in the worktree (environment.files): ${what}. Remove it, or choose another path.`;
  return new StepFailure(message, EXIT.invalid);
}
