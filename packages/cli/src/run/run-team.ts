import { type Context, note } from '../context.ts';
import { runsDirectory } from '../teams/local/runs-directory.ts';
import { executeRun } from './execute-run.ts';
import { prepareRun } from './prepare-run.ts';
import type { RunOptions } from './run-options.ts';

/** `agentteam run`. @returns how the process should end. */
export async function runTeam(
  context: Context,
  file: string,
  options: RunOptions,
): Promise<number> {
  const { record, rehearsal, notes } = await prepareRun(context, file, options);
  for (const text of notes) note(context, context.colors.dim(text));
  return executeRun(context, runsDirectory(context, options.dir), record, {
    json: options.json === true,
    ...(options.gates === undefined ? {} : { gates: options.gates }),
    ...(rehearsal === undefined ? {} : { rehearsal }),
  });
}
