import { join } from 'node:path';
import type { AgentTeam } from '@agentteam/api';
import { delivers } from '@agentteam/contract';
import { isHeld } from '../teams/local/run-lock.ts';
import { listRecords, type RunRecord } from '../teams/local/run-record.ts';

/**
 * Finds runs that are running and will push to the branch that a new run will push to.
 * @param runs directory of the runs.
 * @returns remarks for the user.
 */
export async function sameBranchNotes(
  runs: string,
  { run, team, rehearsal }: RunRecord,
): Promise<readonly string[]> {
  // A rehearsal pushes to a repository of its own.
  const branch = rehearsal === undefined ? pushedBranch(team) : undefined;
  if (branch === undefined) return [];
  const { records } = await listRecords(runs);
  const others: string[] = [];
  for (const other of records) {
    if (other.run === run || other.rehearsal !== undefined) continue;
    if (pushedBranch(other.team) !== branch) continue;
    if (await isHeld(join(runs, other.run))) others.push(other.run);
  }
  if (others.length === 0) return [];
  const running = `${others.join(', ')} ${others.length === 1 ? 'is' : 'are'} running`;
  return [
    `! ${running} and will push to the same branch. Only the first push is accepted. To keep both results, set lifecycle.consolidatedBranchTemplate to another branch for this run.`,
  ];
}

/** Identifies the branch that a team pushes to; undefined for a team that pushes nothing. */
function pushedBranch({ metadata, spec }: AgentTeam): string | undefined {
  const { onComplete, consolidatedBranchTemplate } = spec.lifecycle;
  if (spec.repository === undefined || onComplete === undefined || !delivers(onComplete)) {
    return undefined;
  }
  const { name, namespace } = metadata;
  return JSON.stringify([spec.repository.url, consolidatedBranchTemplate, name, namespace]);
}
