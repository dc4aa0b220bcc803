import { userInfo } from 'node:os';
import type { Decision } from '@agentteam/contract';
import { Command } from 'commander';
import { type Context, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { openHost } from '../host/open-host.ts';

interface Options {
  readonly by?: string;
  readonly reason: string;
  readonly dir?: string;
  readonly json?: true;
}

/** `approve` and `reject`: the same verb with two answers. */
export function decisionCommand(
  context: Context,
  decision: Decision,
  description: string,
  example: string,
): Command {
  return new Command(decision)
    .description(description)
    .argument('<run>', 'name of the run')
    .argument('<event>', 'the gate: spawn-<teammate>, or deliver')
    .option('--by <name>', 'who decides; your user name if absent')
    .option('--reason <text>', 'why, for the record', '')
    .option('--dir <directory>', 'where runs are kept')
    .option('--json', 'what was decided, as JSON')
    .addHelpText('after', `\nExample:\n  $ agentteam ${example}\n${PLAIN_EXITS}`)
    .action(async (run: string, event: string, options: Options) => {
      const by = options.by ?? userInfo().username;
      const { reason } = options;
      await openHost(context, options.dir).decide(run, event, { decision, by, reason });
      if (options.json) return printJson(context, { run, event, decision, by, reason });
      print(context, `${event} of ${run}: ${decision === 'approve' ? 'approved' : 'rejected'}`);
    });
}
