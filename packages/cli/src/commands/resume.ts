import { Command } from 'commander';
import { type Context, print, printJson } from '../context.ts';
import { RUN_EXITS } from '../exit.ts';
import { Failure, usageError } from '../failure.ts';
import { oneLine } from '../output/terminal/safe.ts';
import { executeRun } from '../run/execute-run.ts';
import type { GateAnswer } from '../teams/gates.ts';
import { openLocalTeam } from '../teams/local/local-host.ts';
import { unpause } from '../teams/local/pause.ts';
import { isHeld } from '../teams/local/run-lock.ts';
import { runsDirectory } from '../teams/local/runs-directory.ts';
import { openHost } from './options/open-host.ts';
import {
  addHostOptions,
  gatesOption,
  type HostOptions,
  isInCluster,
} from './options/shared-options.ts';

interface Options extends HostOptions {
  readonly gates?: GateAnswer;
  readonly json?: true;
}

export function command(context: Context): Command {
  return addHostOptions(new Command('resume'))
    .description(
      'Continue a team that was paused, or a run that was interrupted or killed.\n\n' +
        'A paused run goes on in the process that executes it. A run without a process is\n' +
        'executed by this one: finished steps are not repeated, and agents continue their\n' +
        'sessions.',
    )
    .argument('<run>', 'name of the run, or of the team on a cluster')
    .addOption(gatesOption())
    .option('--json', 'print events as JSON, one on each line')
    .addHelpText(
      'after',
      `\nExamples:\n  $ agentteam resume q3-report\n  $ agentteam resume q3-report -n reports\n${RUN_EXITS}`,
    )
    .action(async (run: string, { gates, json, ...options }: Options) => {
      if (isInCluster(context, options)) {
        if (gates !== undefined) {
          throw usageError(
            '--gates applies only to runs on this machine',
            'Use agentteam approve.',
          );
        }
        const { by } = await (await openHost(context, options)).resume(run);
        return printResumed(context, run, oneLine(by), json === true);
      }
      const { dir } = options;
      const runs = runsDirectory(context, dir);
      const team = await openLocalTeam(runs, run);
      const { finishedAt, phase } = (await team.workflow()).status ?? {};
      if (finishedAt !== undefined) {
        const retry = `\n  To repeat failed steps, run: agentteam retry ${team.reference}`;
        throw new Failure(`${run} has ended`, {
          hint: `To see its result, run: agentteam get ${team.reference}${phase === 'Succeeded' ? '' : retry}`,
        });
      }
      const paused = await unpause(team);
      if (await isHeld(team.directory)) {
        if (paused === undefined) {
          throw new Failure(`${run} is running and is not paused`, {
            hint: `To see it, run: agentteam watch ${team.reference}`,
          });
        }
        return printResumed(context, run, oneLine(paused.by), json === true);
      }
      context.exit(
        await executeRun(context, runs, team.record, {
          json: json === true,
          ...(gates !== undefined && { gates }),
        }),
      );
    });
}

function printResumed(context: Context, run: string, by: string, json: boolean): void {
  if (json) printJson(context, { run, resumed: true, pausedBy: by }, 0);
  else print(context, `${run} continues; ${by} had paused it`);
}
