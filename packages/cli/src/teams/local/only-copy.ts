import { OUTPUTS, reportFileOf, STEPS } from '@agentteam/contract';
import { readResultBranches } from '@agentteam/detail';
import { outputOf, stepsOf } from '@agentteam/status';
import { shellWord } from '@agentteam/text';
import { findFiles, readAgentStates } from '@agentteam/volume';
import type { OnlyCopy } from '../team-host.ts';
import type { LocalTeam } from './local-team.ts';
import { fetchCommand } from './result-branches.ts';
import { isHeld } from './run-lock.ts';

/** Finds branches that were not pushed and results that are stored in the run itself. */
export async function onlyCopyOf(team: LocalTeam): Promise<OnlyCopy | undefined> {
  // A run that is executing cannot be deleted.
  if (await isHeld(team.directory)) return undefined;
  const workflow = await team.workflow();
  return (await unpushedBranches(team, workflow)) ?? (await storedResults(team, workflow));
}

async function unpushedBranches(
  team: LocalTeam,
  workflow: Awaited<ReturnType<LocalTeam['workflow']>>,
): Promise<OnlyCopy | undefined> {
  const { repository } = team.record.team.spec;
  if (repository === undefined || workflow.status?.startedAt === undefined) return undefined;
  if (outputOf(stepsOf(workflow).get(STEPS.deliver), OUTPUTS.branch) !== undefined) {
    return undefined;
  }
  const { reference, resultRepository, record } = team;
  const branches = await readResultBranches(resultRepository);
  if (branches === undefined) {
    const hasEnded = workflow.status.finishedAt !== undefined;
    // Where setup failed, no agent has worked.
    if (hasEnded && !(await hasWorked(team))) return undefined;
    const state = hasEnded ? 'could not keep its result' : 'has not ended';
    return {
      description: `${record.run} ${state}, and only it has the work of its agents so far`,
      keep: `agentteam ${hasEnded ? 'retry' : 'resume'} ${reference}`,
    };
  }
  const { result, agents } = branches;
  const unpushed = result === undefined ? agents : [result];
  const [first] = unpushed;
  if (first === undefined) return undefined;
  return {
    description: `${record.run} has the only copy of ${unpushed.join(', ')}`,
    keep: fetchCommand(resultRepository, first).value,
  };
}

/** Whether an agent has ended a turn. */
async function hasWorked({ volumes }: LocalTeam): Promise<boolean> {
  const states = await readAgentStates(volumes.state);
  return [...states.values()].some(({ turns }) => turns > 0);
}

/** The results of a rehearsal come from its script, so they can be made again. */
async function storedResults(
  { record, directory }: LocalTeam,
  { metadata }: Awaited<ReturnType<LocalTeam['workflow']>>,
): Promise<OnlyCopy | undefined> {
  const { output, rehearsal, run } = record;
  if (rehearsal !== undefined || output?.startsWith(`${directory}/`) !== true) return undefined;
  const report = reportFileOf(metadata.name ?? '');
  const files = (await findFiles(output)).files.filter((path) => path !== report);
  if (files.length === 0) return undefined;
  const count = files.length === 1 ? 'a file' : `${files.length} files`;
  return {
    description: `${run} has the only copy of its results: ${count} in ${output}`,
    keep: `cp -r ${shellWord(output)} DIRECTORY`,
  };
}
