import { EXIT, type PlacedFile } from '@agentteam/contract';
import { inBase } from '../git/options.ts';
import type { TeamRepository } from '../git/repository.ts';
import { gitFields } from '../git/run.ts';
import { StepFailure } from '../step/failure.ts';
import { readPlacedFile } from '../step/placed-file.ts';

/**
 * Checks that the files of `environment.files` exist and that the repository has nothing at their paths.
 * @param root value of `AGENTTEAM_ROOT`.
 * @throws StepFailure that names the path.
 */
export async function checkPlacedFiles(
  root: string,
  repository: TeamRepository,
  files: readonly PlacedFile[],
  signal: AbortSignal,
): Promise<void> {
  if (files.length === 0) return;
  const options = inBase(repository, signal);
  const list = ['ls-tree', '-r', '-z', '--name-only', repository.base];
  const tracked = await gitFields(list, options);
  for (const file of files) {
    const { path } = file;
    const other = tracked.find(
      (one) => one === path || one.startsWith(`${path}/`) || path.startsWith(`${one}/`),
    );
    if (other !== undefined) {
      const message = `environment.files would place a file at ${path}, but the repository has ${other === path ? 'that file' : other} under version control. Choose another path, or remove it from the repository.`;
      throw new StepFailure(message, EXIT.invalid);
    }
    await readPlacedFile(root, file);
  }
}
