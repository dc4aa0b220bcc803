import { Command } from 'commander';
import { type Context, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { addHostOptions, type HostOptions } from './options/host-options.ts';
import { openHost } from './options/open-host.ts';

interface Options extends HostOptions {
  readonly json?: true;
}

export function command(context: Context): Command {
  return addHostOptions(new Command('stop'))
    .description('Stops a run for good: its agents end, its work so far is kept.')
    .argument('<run>', 'name of the run, or of the team in a cluster')
    .option('--json', 'as JSON')
    .addHelpText('after', `\nExample:\n  $ agentteam stop q3-report\n${PLAIN_EXITS}`)
    .action(async (run: string, options: Options) => {
      await (await openHost(context, options)).stop(run);
      if (options.json) return printJson(context, { run, stopped: true });
      print(context, `${run} is stopping; agentteam get ${run} shows when it has.`);
    });
}
