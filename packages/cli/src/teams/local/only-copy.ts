import { OUTPUTS, STEPS } from '@agentteam/contract';
import { outputOf, stepsOf } from '@agentteam/status';
import { findFiles } from '@agentteam/volume';
import { shellWord } from '../../output/terminal/shell-word.ts';
import type { LocalTeam } from './local-team.ts';
import { getIt, readResultBranches } from './result-branches.ts';
import { isHeld } from './run-lock.ts';
import type { OnlyCopy } from '../team-host.ts';

/** What would be lost with a run of this machine: branches that were not pushed, and results kept in it. */
export async function onlyCopyOf(team: LocalTeam): Promise<OnlyCopy | undefined> {
  // One that runs is not deleted.
  if (await isHeld(team.directory)) return undefined;
  const workflow = await team.workflow();
  return (await unpushed(team, workflow)) ?? (await results(team));
}

async function unpushed(
  team: LocalTeam,
  workflow: Awaited<ReturnType<LocalTeam['workflow']>>,
): Promise<OnlyCopy | undefined> {
  const { repository } = team.record.team.spec;
  if (repository === undefined || workflow.status?.startedAt === undefined) return undefined;
  if (outputOf(stepsOf(workflow).get(STEPS.deliver), OUTPUTS.branch) !== undefined)
    return undefined;
  const { reference, resultRepository, record } = team;
  const branches = await readResultBranches(resultRepository);
  if (branches === undefined) {
    const words = `${record.run} has not ended: the work of its agents so far lies in it alone`;
    return { words, keep: `agentteam resume ${reference}` };
  }
  const { result, others } = branches;
  const [first = result] = result === undefined ? others : [result];
  if (first === undefined) return undefined;
  const words = `${record.run} has the only copy of ${[result ?? others].flat().join(', ')}`;
  return { words, keep: getIt(resultRepository, first).location };
}

/** A rehearsal's results are its script's. */
async function results({ record, directory }: LocalTeam): Promise<OnlyCopy | undefined> {
  const { output, rehearsal, run } = record;
  if (rehearsal !== undefined || output?.startsWith(`${directory}/`) !== true) return undefined;
  const { files } = await findFiles(output);
  if (files.length === 0) return undefined;
  const count = files.length === 1 ? 'a file' : `${files.length} files`;
  return {
    words: `${run} has the only copy of its results: ${count} in ${output}`,
    keep: `cp -r ${shellWord(output)} PLACE`,
  };
}
