import { Command } from 'commander';
import { type Context, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { openHost } from '../host/open-host.ts';

interface Options {
  readonly dir?: string;
  readonly json?: true;
}

export function command(context: Context): Command {
  return new Command('delete')
    .description(
      'Deletes runs and their files: state, transcripts, ledger, and output kept in them.',
    )
    .argument('<run...>', 'names of runs that have ended')
    .option('--dir <directory>', 'where runs are kept')
    .option('--json', 'as JSON')
    .addHelpText('after', `\nExample:\n  $ agentteam delete q3-report\n${PLAIN_EXITS}`)
    .action(async (runs: readonly string[], { dir, json }: Options) => {
      const host = openHost(context, dir);
      for (const run of runs) {
        await host.delete(run);
        if (!json) print(context, `${run} deleted`);
      }
      if (json) printJson(context, { deleted: runs });
    });
}
