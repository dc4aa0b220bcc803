import { Command } from 'commander';
import type { Context } from '../context.ts';
import { RUN_EXITS } from '../exit.ts';
import { Failure } from '../failure.ts';
import { openLocalTeam } from '../teams/local/local-host.ts';
import { runsDirectory } from '../teams/local/runs-directory.ts';
import { executeRun } from '../run/execute-run.ts';
import type { GateAnswer } from '../run/gate-answer.ts';
import { gatesOption } from './options/gates-option.ts';

interface Options {
  readonly gates?: GateAnswer;
  readonly json?: true;
  readonly dir?: string;
}

export function command(context: Context): Command {
  return new Command('resume')
    .description(
      'Goes on with a run that was interrupted or killed: finished steps stay finished, agents ' +
        'go on in their sessions.',
    )
    .argument('<run>', 'name of the run')
    .addOption(gatesOption())
    .option('--dir <directory>', 'where runs are kept')
    .option('--json', 'events as JSON, one on each line')
    .addHelpText('after', `\nExample:\n  $ agentteam resume q3-report\n${RUN_EXITS}`)
    .action(async (run: string, { gates, json, dir }: Options) => {
      const runs = runsDirectory(context, dir);
      const team = await openLocalTeam(runs, run);
      if ((await team.workflow()).status?.finishedAt !== undefined) {
        throw new Failure(`${run} has ended`, {
          wayOut: `agentteam get ${team.reference}   shows how; agentteam retry ${team.reference}   repeats what failed.`,
        });
      }
      context.exit(
        await executeRun(context, runs, team.record, {
          json: json === true,
          ...(gates === undefined ? {} : { gates }),
        }),
      );
    });
}
