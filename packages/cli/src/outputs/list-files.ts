import { lstat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { findFiles, inDirectory } from '@agentteam/volume';
import { Failure } from '../failure.ts';

export interface OutputFile {
  /** Below the output, with `/`. */
  readonly path: string;
  readonly bytes: number;
}

/**
 * Lists the plain files of an output directory. Links are neither followed nor listed.
 * @param wanted paths of files and directories; empty for all files.
 * @throws Failure for a path that matches no file, or if there are too many files.
 */
export async function listFiles(
  directory: string,
  wanted: readonly string[],
): Promise<readonly OutputFile[]> {
  const { files, cut } = await findFiles(directory);
  if (cut) {
    throw new Failure(`${directory} has too many files or levels to list all of them`, {
      hint: `Copy the directory itself: cp -r`,
    });
  }
  const names = wanted.map((path) => path.replace(/^\.\//, '').replace(/\/+$/, ''));
  const matches = (file: string, name: string): boolean =>
    file === name || file.startsWith(`${name}/`);
  const unknown = names.filter((name) => !files.some((file) => matches(file, name)));
  if (unknown.length > 0) {
    throw new Failure(`the results have no file ${unknown.join(', ')}`, {
      hint: 'To see what there is, use the command without a path.',
    });
  }
  const chosen = files.filter(
    (file) => names.length === 0 || names.some((name) => matches(file, name)),
  );
  return Promise.all(
    chosen.map(async (path) => {
      const below = dirname(path) === '.' ? [] : dirname(path).split('/');
      const stat = await inDirectory(directory, below, (parent) =>
        lstat(join(parent, basename(path))).catch(() => undefined),
      );
      return { path, bytes: stat?.size ?? 0 };
    }),
  );
}
