import { userInfo } from 'node:os';
import { suspend } from '@agentteam/local';
import { readTeamPause, writeTeamPause } from '@agentteam/volume';
import { Command } from 'commander';
import { type Context, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { Failure } from '../failure.ts';
import { oneLine } from '../output/terminal/safe.ts';
import { openLocalTeam } from '../teams/local/local-host.ts';
import { isHeld } from '../teams/local/run-lock.ts';
import { runsDirectory } from '../teams/local/runs-directory.ts';

interface Options {
  readonly by?: string;
  readonly dir?: string;
  readonly json?: true;
}

export function command(context: Context): Command {
  return new Command('pause')
    .description(
      'Pause a run on this machine until agentteam resume.\n\n' +
        'Its agents stop at their next request to the API, and no further step begins.\n' +
        'The time does not count for the timeout.',
    )
    .argument('<run>', 'name of the run')
    .option('--by <name>', 'name of the person who pauses it (default: your user name)')
    .option('--dir <directory>', 'directory of the runs (default: .agentteam)')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  $ agentteam pause q3-report\n${PLAIN_EXITS}`)
    .action(async (run: string, { by = userInfo().username, dir, json }: Options) => {
      const team = await openLocalTeam(runsDirectory(context, dir), run);
      const { directory, reference, volumes } = team;
      if ((await team.workflow()).status?.finishedAt !== undefined) {
        throw new Failure(`${run} has ended, so there is nothing to pause`);
      }
      if (!(await isHeld(directory))) {
        throw new Failure(`no process is running ${run}, so there is nothing to pause`, {
          hint: `To continue it, run: agentteam resume ${reference}`,
        });
      }
      const isNew = await writeTeamPause(volumes.control, by);
      const pause = await readTeamPause(volumes.control);
      // Repeat the command for the engine: an earlier call may have been killed before it.
      suspend(directory, true);
      if (json) return printJson(context, { run, paused: pause, again: !isNew });
      const who = oneLine(pause?.by ?? by);
      print(
        context,
        isNew
          ? `${run} is paused: its agents stop at their next request. To continue, run: agentteam resume ${reference}`
          : `${run} was paused before by ${who}. To continue, run: agentteam resume ${reference}`,
      );
    });
}
