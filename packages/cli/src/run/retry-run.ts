import type { Workflow } from '@agentteam/argo';
import { changesOf } from '@agentteam/compiler';
import { retry } from '@agentteam/local';
import { teamExitCode } from '@agentteam/status';
import type { Context } from '../context.ts';
import { Failure, usageError } from '../failure.ts';
import { compileFile } from '../team-file.ts';
import type { LocalTeam } from '../teams/local/local-team.ts';
import { type RunRecord, writeRecord } from '../teams/local/run-record.ts';
import { repeatedSteps, unapprovedGates } from '../teams/repeated-steps.ts';
import type { RetryOptions } from '../teams/team-host.ts';
import { adjustTeam } from './adjust-team.ts';
import { compileTeam } from './compile-team.ts';
import { executeRun } from './execute-run.ts';
import { needsOf } from './inputs/needs.ts';

/**
 * Repeats the failed steps of a run and executes it to its end.
 * @returns the exit code.
 * @throws Failure when the run has not ended, has completed, or cannot continue with the changed file.
 */
export async function retryRun(
  context: Context,
  runs: string,
  team: LocalTeam,
  { file, budget, gates, json }: RetryOptions,
): Promise<number> {
  const { isCorrected: wasCorrected, ...before } = team.record;
  const isCorrected = file !== undefined || wasCorrected === true;
  const corrected = file === undefined ? before : await withFile(context, before, file);
  const record =
    budget === undefined
      ? corrected
      : { ...corrected, team: adjustTeam(corrected.team, { budget }) };
  const { workflow } = compileTeam(record.team, record.options, rehearsalUrl(record));
  const begin = async (): Promise<void> => {
    const { run } = record;
    const { workflow: ended, status } = await team.read();
    if (ended.status?.finishedAt === undefined) {
      throw new Failure(`${run} has not ended, so there is nothing to repeat`, {
        hint: `To continue it, run: agentteam resume ${team.reference}`,
      });
    }
    if (teamExitCode(status) === 0) {
      throw new Failure(`${run} has completed, so there is nothing to repeat`, {
        hint: `To see its state, run: agentteam get ${team.reference}`,
      });
    }
    const changed = isCorrected ? changedSteps(ended, workflow, record) : [];
    const steps = repeatedSteps(ended, unapprovedGates(status), changed);
    // If this command is killed, the next one continues with the corrected spec, whatever the Workflow has.
    await writeRecord(runs, { ...record, ...(isCorrected && { isCorrected }) });
    try {
      retry(team.directory, workflow, steps);
    } catch (error) {
      await writeRecord(runs, team.record);
      throw error;
    }
    await writeRecord(runs, record);
  };
  return executeRun(context, runs, record, {
    json,
    begin,
    ...(gates !== undefined && { gates }),
  });
}

/** @throws Failure when the run cannot continue with the changed Workflow. */
function changedSteps(ended: Workflow, changed: Workflow, record: RunRecord): readonly string[] {
  const hint = 'Start a new run with the changed team: agentteam run FILE';
  const changes = changesOf(ended, changed);
  if ('refused' in changes) throw new Failure(changes.refused, { hint });
  const { configMaps, claims } = needsOf(changed);
  const missing = [
    ...configMaps.filter(
      ({ name, optional }) => !optional && !Object.hasOwn(record.configMaps, name),
    ),
    ...claims.filter(({ name }) => !Object.hasOwn(record.claims, name)),
  ];
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(', ');
    throw new Failure(`the file names ${names}, which the run does not have`, { hint });
  }
  return changes.steps;
}

/** The record of the run with the spec of the file, in the repository that the run started with. */
async function withFile(context: Context, record: RunRecord, file: string): Promise<RunRecord> {
  const { team } = await compileFile(context, file);
  const { name } = record.team.metadata;
  if (team.metadata.name !== name) {
    throw usageError(
      `${file} contains the team ${team.metadata.name}, but ${record.run} is a run of ${name}`,
    );
  }
  const url = record.team.spec.repository?.url;
  const rehearsal = rehearsalUrl(record);
  return {
    ...record,
    team: adjustTeam(team, {
      ...(url !== undefined && { repositoryUrl: url }),
      ...(rehearsal !== undefined && {
        rehearsalUrl: rehearsal,
        fetch: record.options.fetch === true,
      }),
    }),
  };
}

/** The rehearsal of a run has the same URL each time it is started. */
function rehearsalUrl({ rehearsal }: RunRecord): string | undefined {
  return rehearsal === undefined ? undefined : `http://127.0.0.1:${rehearsal.port}`;
}
