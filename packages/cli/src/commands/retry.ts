import type { Workflow } from '@agentteam/argo';
import { changesOf } from '@agentteam/compiler';
import { retry } from '@agentteam/local';
import { teamExitCode } from '@agentteam/status';
import { Command } from 'commander';
import { compileFile } from '../compile-file.ts';
import { type Context, print, printJson } from '../context.ts';
import { CLI_EXIT, RUN_EXITS } from '../exit.ts';
import { Failure, usageError } from '../failure.ts';
import { addHostOptions, type HostOptions, isInCluster } from '../host/host-options.ts';
import { openLocalTeam } from '../host/local-host.ts';
import { repeatedToo, unapprovedGates } from '../host/repeated-too.ts';
import { type RunRecord, runsDirectory, writeRecord } from '../host/runs-directory.ts';
import { needsOf } from '../inputs/needs.ts';
import { adjustTeam } from '../run/adjust-team.ts';
import { checkBudget } from '../run/budget.ts';
import { compileTeam } from '../run/compile-team.ts';
import { executeRun } from '../run/execute-run.ts';
import type { GateAnswer } from '../run/gate-answer.ts';
import { readSubmission } from '../submit/submission.ts';
import { watchTeam } from '../watch/watch-team.ts';
import { gatesOption } from './gates-option.ts';

interface Options extends HostOptions {
  readonly file?: string;
  readonly budget?: string;
  readonly gates?: GateAnswer;
  readonly json?: true;
  readonly wait?: true;
}

export function command(context: Context): Command {
  return addHostOptions(new Command('retry'))
    .description(
      'Repeats what failed in a team that has ended, and what was left out because of it. Gates that were ' +
        'rejected or not answered in time open again.\n' +
        'What succeeded stays, but for the lead where a teammate is repeated: it brings their work together. ' +
        'The clock of the timeout starts anew. In a cluster this is Argo’s own ' +
        'retry: its program argo must be on PATH.',
    )
    .argument('<run>', 'name of the run, or of the team in a cluster')
    .option(
      '-f, --file <file>',
      "the team's corrected file: steps whose part of it is unchanged and that succeeded are kept, the others run again",
    )
    .option('--budget <dollars>', "the team's limit from now on, what is spent already included")
    .addOption(gatesOption())
    .option('--wait', 'in a cluster: show it until it has ended; here that is always so')
    .option('--json', 'events as JSON, one on each line')
    .addHelpText('after', `\nExample:\n  $ agentteam retry q3-report --budget 50\n${RUN_EXITS}`)
    .action(async (run: string, options: Options) => {
      const retried = isInCluster(context, options)
        ? await retryInCluster(context, run, options)
        : await retryRun(context, run, options);
      context.exit(retried);
    });
}

async function retryInCluster(context: Context, name: string, options: Options): Promise<number> {
  const { file, budget, gates, json, wait } = options;
  if (gates !== undefined) throw usageError('--gates is about runs of this machine');
  const submission = file === undefined ? undefined : await readSubmission(context, file, name);
  const more = {
    ...(budget !== undefined && { budget: checkBudget(budget) }),
    ...(submission !== undefined && { submission }),
  };
  const [{ ClusterHost }, { retryTeam }] = await Promise.all([
    import('../host/cluster/cluster-host.ts'),
    import('../host/cluster/retry.ts'),
  ]);
  const host = new ClusterHost(options);
  await retryTeam(host, name, options, context, more);
  if (wait) return watchTeam(context, host, name, { json: json === true });
  if (json) printJson(context, { run: name, retried: true });
  else print(context, `${name} goes on; agentteam watch ${(await host.get(name)).reference}`);
  return CLI_EXIT.completed;
}

async function retryRun(
  context: Context,
  run: string,
  { file, budget, gates, json, dir }: Options,
): Promise<number> {
  const runs = runsDirectory(context, dir);
  const team = await openLocalTeam(runs, run);
  const corrected = file === undefined ? team.record : await withFile(context, team.record, file);
  const record = budget === undefined ? corrected : withBudget(corrected, checkBudget(budget));
  const { workflow } = compileTeam(record.team, record.options, rehearsalUrl(record));
  const begin = async (): Promise<void> => {
    const { workflow: ended, status } = await team.read();
    if (ended.status?.finishedAt === undefined) {
      throw new Failure(`${run} has not ended: there is nothing to repeat`, {
        wayOut: `agentteam resume ${team.reference}   goes on with it.`,
      });
    }
    if (teamExitCode(status) === 0) {
      throw new Failure(`${run} completed: there is nothing to repeat`, {
        wayOut: `agentteam get ${team.reference}   shows how it stands.`,
      });
    }
    const changed = file === undefined ? [] : changedSteps(ended, workflow, record);
    retry(team.directory, workflow, repeatedToo(ended, unapprovedGates(status), changed));
    await writeRecord(runs, record);
  };
  return executeRun(context, runs, record, {
    json: json === true,
    begin,
    ...(gates === undefined ? {} : { gates }),
  });
}

/** @throws Failure where the run cannot go on as the changed Workflow. */
function changedSteps(ended: Workflow, changed: Workflow, record: RunRecord): readonly string[] {
  const changes = changesOf(ended, changed);
  if ('refused' in changes) throw new Failure(changes.refused, { wayOut: RUN_ANEW });
  const { configMaps, claims } = needsOf(changed);
  const missing = [
    ...configMaps.filter(
      ({ name, optional }) => !optional && !Object.hasOwn(record.configMaps, name),
    ),
    ...claims.filter(({ name }) => !Object.hasOwn(record.claims, name)),
  ];
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(', ');
    throw new Failure(`the run has no ${names}, which the file names`, { wayOut: RUN_ANEW });
  }
  return changes.steps;
}

const RUN_ANEW = 'Run the changed team anew: agentteam run FILE';

/** The run of the same team as its file has it now, in the repository that the run began with. */
async function withFile(context: Context, record: RunRecord, file: string): Promise<RunRecord> {
  const { team } = await compileFile(context, file);
  const { name } = record.team.metadata;
  if (team.metadata.name !== name) {
    throw usageError(
      `${file} holds the team ${team.metadata.name}, and ${record.run} is of ${name}`,
    );
  }
  const url = record.team.spec.repository?.url;
  const rehearsal = rehearsalUrl(record);
  return {
    ...record,
    team: adjustTeam(team, {
      ...(url !== undefined && { repositoryUrl: url }),
      ...(rehearsal !== undefined && { rehearsalUrl: rehearsal }),
    }),
  };
}

function withBudget(record: RunRecord, budget: string): RunRecord {
  return { ...record, team: adjustTeam(record.team, { budget }) };
}

/** Where the rehearsal of this run is each time. */
function rehearsalUrl({ rehearsal }: RunRecord): string | undefined {
  return rehearsal === undefined ? undefined : `http://127.0.0.1:${rehearsal.port}`;
}
