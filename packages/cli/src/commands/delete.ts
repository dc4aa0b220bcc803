import { Command } from 'commander';
import { type Context, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { addHostOptions, type HostOptions } from '../host/host-options.ts';
import { openHost } from '../host/open-host.ts';

interface Options extends HostOptions {
  readonly wait?: true;
  readonly json?: true;
}

export function command(context: Context): Command {
  return addHostOptions(new Command('delete'))
    .description(
      'Deletes runs and their files: state, transcripts, ledger, and output kept in them.\n' +
        'In a cluster a team that runs is stopped first; the claim with its output stays, unless the ' +
        'team says otherwise.',
    )
    .argument('<run...>', 'names of runs that have ended, or of teams in a cluster')
    .option('--wait', 'in a cluster: until its agents have ended and it is gone')
    .option('--json', 'as JSON')
    .addHelpText('after', `\nExample:\n  $ agentteam delete q3-report\n${PLAIN_EXITS}`)
    .action(async (runs: readonly string[], { json, wait, ...options }: Options) => {
      const host = await openHost(context, options);
      for (const run of runs) {
        const { gone } = await host.delete(run, wait === true, context.signal);
        if (!json) print(context, `${run} ${gone ? 'deleted' : 'is being deleted'}`);
      }
      if (json) printJson(context, { deleted: runs });
    });
}
