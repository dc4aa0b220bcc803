import { Command } from 'commander';
import type { Context } from '../context.ts';
import { WAIT_EXITS } from '../exit.ts';
import { watchTeam } from '../teams/watch-team.ts';
import { openHost } from './options/open-host.ts';
import { parseTimeout } from './options/parsers.ts';
import { addHostOptions, type HostOptions } from './options/shared-options.ts';

interface Options extends HostOptions {
  readonly timeout?: number;
  readonly json?: true;
}

export function command(context: Context): Command {
  return addHostOptions(new Command('watch'))
    .description(
      'Show a team until it has ended.\n\n' +
        'On a terminal, the keys a and r answer its gates. Ctrl-C stops watching; the team ' +
        'keeps running.',
    )
    .argument('<run>', 'name of the run, or of the team on a cluster')
    .option('--timeout <duration>', 'stop watching after this time: 90m, 1h30m', parseTimeout)
    .option('--json', 'print events as JSON, one on each line')
    .addHelpText('after', `\nExample:\n  $ agentteam watch q3-report -n reports\n${WAIT_EXITS}`)
    .action(async (run: string, { timeout, json, ...options }: Options) => {
      const host = await openHost(context, options);
      const limit = timeout === undefined ? {} : { timeout };
      context.exit(await watchTeam(context, host, run, { json: json === true, ...limit }));
    });
}
