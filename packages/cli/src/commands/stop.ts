import { Command } from 'commander';
import { type Context, note, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { openHost } from './options/open-host.ts';
import { addHostOptions, type HostOptions } from './options/shared-options.ts';

interface Options extends HostOptions {
  readonly json?: true;
}

export function command(context: Context): Command {
  return addHostOptions(new Command('stop'))
    .description('Stop a team for good. Its agents end, and its work so far is kept.')
    .argument('<run>', 'name of the run, or of the team on a cluster')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  $ agentteam stop q3-report\n${PLAIN_EXITS}`)
    .action(async (run: string, options: Options) => {
      const host = await openHost(context, options);
      await host.stop(run);
      if (options.json) return printJson(context, { run, stopped: true });
      const { reference, suspended } = await host.get(run);
      print(context, `${run} is stopping. To see its state, run: agentteam get ${reference}`);
      if (suspended !== undefined) {
        note(context, `! ${run} is suspended; it stops after: kill -CONT ${suspended}`);
      }
    });
}
