import { Command } from 'commander';
import type { Context } from '../context.ts';
import { RUN_EXITS } from '../exit.ts';
import { Failure } from '../failure.ts';
import { executeRun } from '../run/execute-run.ts';
import type { GateAnswer } from '../teams/gates.ts';
import { openLocalTeam } from '../teams/local/local-host.ts';
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
      'Continue a run that was interrupted or killed.\n\n' +
        'Finished steps are not repeated, and agents continue their sessions.',
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
      context.exit(
        await executeRun(context, runs, team.record, {
          json: json === true,
          ...(gates !== undefined && { gates }),
        }),
      );
    });
}
