import { join } from 'node:path';
import { delivers } from '@agentteam/contract';
import { isHeld } from '../teams/local/run-lock.ts';
import { listRecords, type RunRecord } from '../teams/local/run-record.ts';

/**
 * Finds runs that are running and will push to the branch, or write to the output directory, of a new run.
 * @param runs directory of the runs.
 * @returns remarks for the user.
 */
export async function notesOnRunsBeside(
  runs: string,
  record: RunRecord,
): Promise<readonly string[]> {
  const branch = pushedBranch(record);
  const { records } = await listRecords(runs);
  const pushing: string[] = [];
  const writing: string[] = [];
  for (const other of records) {
    const pushes = branch !== undefined && pushedBranch(other) === branch;
    const writes = record.output !== undefined && other.output === record.output;
    if (other.run === record.run || !(pushes || writes)) continue;
    if (!(await isHeld(join(runs, other.run)))) continue;
    if (pushes) pushing.push(other.run);
    if (writes) writing.push(other.run);
  }
  return [
    ...noteOn(
      pushing,
      'will push to the same branch. Only the first push is accepted. To keep both results, set lifecycle.consolidatedBranchTemplate to another branch for this run.',
    ),
    ...noteOn(
      writing,
      "writes to the same output directory, where the agents of both runs can replace each other's files. To keep both results, stop this run and name another directory with --output.",
    ),
  ];
}

function noteOn(runs: readonly string[], what: string): readonly string[] {
  if (runs.length === 0) return [];
  return [`! Beside this run, ${runs.join(', ')} ${what}`];
}

/** Identifies the branch that a run pushes to; undefined for a run that pushes nothing. */
function pushedBranch({ team, rehearsal }: RunRecord): string | undefined {
  // A rehearsal pushes to a repository of its own.
  if (rehearsal !== undefined) return undefined;
  const { metadata, spec } = team;
  const { onComplete, consolidatedBranchTemplate } = spec.lifecycle;
  if (spec.repository === undefined || onComplete === undefined || !delivers(onComplete)) {
    return undefined;
  }
  const { name, namespace } = metadata;
  return JSON.stringify([spec.repository.url, consolidatedBranchTemplate, name, namespace]);
}
