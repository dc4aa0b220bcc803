import { Failure } from '../failure.ts';
import type { OutputFiles, ResultFiles } from './result-files.ts';

/**
 * Lists the plain files that a team produced. An agent can write more of them than are searched; those that were
 * found can still be listed and fetched.
 * @param wanted paths of files and directories; empty for all files.
 * @throws Failure for a path that matches no file.
 */
export async function listFiles(
  results: ResultFiles,
  wanted: readonly string[],
): Promise<OutputFiles> {
  const { files, cut } = await results.list();
  const names = wanted.map((path) => path.replace(/^\.\//, '').replace(/\/+$/, ''));
  const matches = (file: string, name: string): boolean =>
    file === name || file.startsWith(`${name}/`);
  const unknown = names.filter((name) => !files.some(({ path }) => matches(path, name)));
  if (unknown.length > 0) {
    throw new Failure(`the results have no file ${unknown.join(', ')}`, {
      hint: 'To see what there is, use the command without a path.',
    });
  }
  const found = files.filter(
    ({ path }) => names.length === 0 || names.some((name) => matches(path, name)),
  );
  // A file is found or not, and a directory may have more files than were found.
  const areFiles =
    names.length > 0 && names.every((name) => files.some(({ path }) => path === name));
  return { files: found, cut: cut && !areFiles };
}

/** Why not all files of a team can be listed or fetched. */
export function tooManyFiles({ place }: ResultFiles): Failure {
  return new Failure(`${place} has too many files or levels to find all of them`, {
    hint: 'Fetch the files that you need by their paths; the list has those that were found. Or ask the team to pack them into fewer files, for example a .tar.gz.',
  });
}
