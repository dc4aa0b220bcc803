import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Context } from '../context.ts';
import { usageError } from '../failure.ts';
import type { HostedTeam } from '../host/team-host.ts';

/** Makes the directory for {@link writeOutputs}: better refused now than when a team has ended. */
export async function makeOutputs(context: Context, directory: string): Promise<void> {
  const target = resolve(context.cwd, directory);
  await mkdir(target, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw usageError(
      `--outputs ${directory}: no directory can be made there: ${error.message}`,
      'Name another one.',
    );
  });
}

/**
 * Writes what a pipeline goes on with, one file for each: `team`, `phase`, `cost` (US dollars, as
 * `12.34`), `branch` and `pull-request` (URL). Empty where there is none, and without a line's end.
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
  await mkdir(target, { recursive: true });
  for (const [file, text] of Object.entries(outputs)) await writeFile(join(target, file), text);
}
