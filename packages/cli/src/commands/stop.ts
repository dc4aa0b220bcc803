import { Command } from 'commander';
import { type Context, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { openHost } from '../host/open-host.ts';

interface Options {
  readonly dir?: string;
  readonly json?: true;
}

export function command(context: Context): Command {
  return new Command('stop')
    .description('Stops a run for good: its agents end, its work so far is kept.')
    .argument('<run>', 'name of the run')
    .option('--dir <directory>', 'where runs are kept')
    .option('--json', 'as JSON')
    .addHelpText('after', `\nExample:\n  $ agentteam stop q3-report\n${PLAIN_EXITS}`)
    .action(async (run: string, { dir, json }: Options) => {
      await openHost(context, dir).stop(run);
      if (json) return printJson(context, { run, stopped: true });
      print(context, `${run} is stopping; agentteam get ${run} shows when it has.`);
    });
}
