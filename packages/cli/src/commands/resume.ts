import type { TeamPause } from '@agentteam/contract';
import { suspend } from '@agentteam/local';
import { readTeamPause, removeTeamPause } from '@agentteam/volume';
import { Command } from 'commander';
import { type Context, print, printJson } from '../context.ts';
import { RUN_EXITS } from '../exit.ts';
import { Failure } from '../failure.ts';
import { oneLine } from '../output/terminal/safe.ts';
import { executeRun } from '../run/execute-run.ts';
import type { GateAnswer } from '../teams/gates.ts';
import { openLocalTeam } from '../teams/local/local-host.ts';
import type { LocalTeam } from '../teams/local/local-team.ts';
import { isHeld } from '../teams/local/run-lock.ts';
import { runsDirectory } from '../teams/local/runs-directory.ts';
import { gatesOption } from './options/shared-options.ts';

interface Options {
  readonly gates?: GateAnswer;
  readonly json?: true;
  readonly dir?: string;
}

export function command(context: Context): Command {
  return new Command('resume')
    .description(
      'Continue a run that was paused, interrupted or killed.\n\n' +
        'A paused run goes on in the process that executes it. A run without a process is\n' +
        'executed by this one: finished steps are not repeated, and agents continue their\n' +
        'sessions.',
    )
    .argument('<run>', 'name of the run')
    .addOption(gatesOption())
    .option('--dir <directory>', 'directory of the runs (default: .agentteam)')
    .option('--json', 'print events as JSON, one on each line')
    .addHelpText('after', `\nExample:\n  $ agentteam resume q3-report\n${RUN_EXITS}`)
    .action(async (run: string, { gates, json, dir }: Options) => {
      const runs = runsDirectory(context, dir);
      const team = await openLocalTeam(runs, run);
      if ((await team.workflow()).status?.finishedAt !== undefined) {
        throw new Failure(`${run} has ended`, {
          hint: `To see its result, run: agentteam get ${team.reference}\n  To repeat failed steps, run: agentteam retry ${team.reference}`,
        });
      }
      const paused = await unpause(team);
      if (await isHeld(team.directory)) {
        if (paused === undefined) {
          throw new Failure(`${run} is running and is not paused`, {
            hint: `To see it, run: agentteam watch ${team.reference}`,
          });
        }
        const by = oneLine(paused.by);
        if (json) printJson(context, { run, resumed: true, pausedBy: by }, 0);
        else print(context, `${run} continues; ${by} had paused it`);
        return;
      }
      context.exit(
        await executeRun(context, runs, team.record, {
          json: json === true,
          ...(gates !== undefined && { gates }),
        }),
      );
    });
}

/** Ends a pause. @returns the pause that has ended. */
async function unpause({ directory, volumes }: LocalTeam): Promise<TeamPause | undefined> {
  const paused = await readTeamPause(volumes.control);
  if (paused === undefined) return undefined;
  // The file goes last, so that the command can be repeated if it is killed here.
  suspend(directory, false);
  await removeTeamPause(volumes.control);
  return paused;
}
