import type { Decision } from '@agentteam/contract';
import { Command } from 'commander';
import { type Context, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { openHost } from './options/open-host.ts';
import { addHostOptions, type HostOptions } from './options/shared-options.ts';

interface Options extends HostOptions {
  readonly by?: string;
  readonly reason?: string;
  readonly json?: true;
}

/** Makes the command `approve` or `reject`. */
export function decisionCommand(
  context: Context,
  decision: Decision,
  description: string,
  example: string,
): Command {
  return addHostOptions(new Command(decision))
    .description(description)
    .argument('<run>', 'name of the run, or of the team on a cluster')
    .argument('<event>', 'event of the gate: spawn-<teammate> or deliver')
    .option(
      '--by <name>',
      'on this machine: name of the person who decides (default: your user name)',
    )
    .option('--reason <text>', 'reason, for the record')
    .option('--json', 'print the decision as JSON')
    .addHelpText('after', `\nExample:\n  $ agentteam ${example}\n${PLAIN_EXITS}`)
    .action(async (run: string, event: string, options: Options) => {
      const { by, reason = '' } = options;
      const host = await openHost(context, options);
      const note = await host.decide(run, event, {
        decision,
        reason,
        ...(by !== undefined && { by }),
      });
      if (options.json) return printJson(context, { run, event, decision, by, reason, note });
      const answer = decision === 'approve' ? 'approved' : 'rejected';
      print(context, `${event} of ${run}: ${answer}${note === undefined ? '' : ` (${note})`}`);
    });
}
