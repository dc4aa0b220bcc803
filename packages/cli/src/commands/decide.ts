import type { Decision } from '@agentteam/contract';
import { Command } from 'commander';
import { type Context, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { addHostOptions, type HostOptions } from './options/host-options.ts';
import { openHost } from './options/open-host.ts';

interface Options extends HostOptions {
  readonly by?: string;
  readonly reason: string;
  readonly json?: true;
}

/** `approve` and `reject`: the same verb with two answers. */
export function decisionCommand(
  context: Context,
  decision: Decision,
  description: string,
  example: string,
): Command {
  return addHostOptions(new Command(decision))
    .description(description)
    .argument('<run>', 'name of the run, or of the team in a cluster')
    .argument('<event>', 'the gate: spawn-<teammate>, or deliver')
    .option('--by <name>', 'on this machine: who decides; your user name if absent')
    .option('--reason <text>', 'why, for the record', '')
    .option('--json', 'what was decided, as JSON')
    .addHelpText('after', `\nExample:\n  $ agentteam ${example}\n${PLAIN_EXITS}`)
    .action(async (run: string, event: string, options: Options) => {
      const { by, reason } = options;
      const host = await openHost(context, options);
      const note = await host.decide(run, event, {
        decision,
        reason,
        ...(by !== undefined && { by }),
      });
      if (options.json) return printJson(context, { run, event, decision, by, reason, note });
      const said = decision === 'approve' ? 'approved' : 'rejected';
      print(context, `${event} of ${run}: ${said}${note === undefined ? '' : ` (${note})`}`);
    });
}
