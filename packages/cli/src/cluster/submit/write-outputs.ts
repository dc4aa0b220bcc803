import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Context } from '../../context.ts';
import { usageError } from '../../failure.ts';
import { makeDirectories } from '../../make-directories.ts';
import type { HostedTeam } from '../../teams/team-host.ts';

/**
 * Makes the directory for {@link writeOutputs} before the team starts.
 * @throws Failure when the directory cannot be made.
 */
export async function makeOutputs(context: Context, directory: string): Promise<void> {
  const target = resolve(context.cwd, directory);
  await makeDirectories(target).catch((error: NodeJS.ErrnoException) => {
    throw usageError(
      `--outputs ${directory}: cannot create the directory: ${error.message}`,
      'Choose another directory.',
    );
  });
}

/**
 * Writes the results of a team for later steps of a pipeline, one file each: `team`, `phase`, `cost` (US
 * dollars such as `12.34`), `branch` and `pull-request` (URL). A file without a value is empty. The files
 * have no final line feed.
 */
export async function writeOutputs(
  context: Context,
  directory: string,
  { name, status }: HostedTeam,
): Promise<void> {
  const outputs: Readonly<Record<string, string>> = {
    team: name,
    phase: status.phase ?? 'Pending',
    cost: status.estimatedCost ?? '0.00',
    branch: status.consolidatedBranch ?? '',
    'pull-request': status.pullRequest?.url ?? '',
  };
  const target = resolve(context.cwd, directory);
  await makeDirectories(target);
  for (const [file, text] of Object.entries(outputs)) await writeFile(join(target, file), text);
}
