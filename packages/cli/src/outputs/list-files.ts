import { Failure } from '../failure.ts';
import type { OutputFile, ResultFiles } from './result-files.ts';

/**
 * Lists the plain files that a team produced.
 * @param wanted paths of files and directories; empty for all files.
 * @throws Failure for a path that matches no file, or if there are too many files.
 */
export async function listFiles(
  results: ResultFiles,
  wanted: readonly string[],
): Promise<readonly OutputFile[]> {
  const { files, cut } = await results.list();
  if (cut) {
    throw new Failure(`${results.place} has too many files or levels to list all of them`, {
      hint: 'Ask the team to pack them into fewer files, for example a .tar.gz, or copy the directory itself.',
    });
  }
  const names = wanted.map((path) => path.replace(/^\.\//, '').replace(/\/+$/, ''));
  const matches = (file: string, name: string): boolean =>
    file === name || file.startsWith(`${name}/`);
  const unknown = names.filter((name) => !files.some(({ path }) => matches(path, name)));
  if (unknown.length > 0) {
    throw new Failure(`the results have no file ${unknown.join(', ')}`, {
      hint: 'To see what there is, use the command without a path.',
    });
  }
  return files.filter(
    ({ path }) => names.length === 0 || names.some((name) => matches(path, name)),
  );
}
