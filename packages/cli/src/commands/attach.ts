import { Command } from 'commander';
import { attach } from '../attach/attach.ts';
import { openPrompt } from '../attach/prompt.ts';
import type { Context } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { Failure } from '../failure.ts';
import { openHost } from './options/open-host.ts';
import { addHostOptions, type HostOptions } from './options/shared-options.ts';

export function command(context: Context): Command {
  return addHostOptions(new Command('attach'))
    .description(
      'Follow an agent in this terminal, speak to it, and interrupt it.\n\n' +
        'A line that you type is sent to the agent, as with agentteam tell. Ctrl-C interrupts its ' +
        'turn; it then waits for your next line, for ten minutes at most. Ctrl-D, /leave or a ' +
        'second Ctrl-C leaves, and the agent goes on. The lead is called lead.',
    )
    .argument('<run>', 'name of the run, or of the team on a cluster')
    .argument('<agent>', 'name of the agent')
    .addHelpText('after', `\nExample:\n  $ agentteam attach q3-report researcher\n${PLAIN_EXITS}`)
    .action(async (run: string, agent: string, options: HostOptions) => {
      const host = await openHost(context, options);
      if (context.in.isTTY !== true || context.out.isTTY !== true) {
        const { reference } = await host.get(run);
        throw new Failure('attach needs a terminal', {
          hint: `To speak to the agent from a script, use: agentteam tell ${reference} ${agent} "…"\n  To follow it, use: agentteam logs -f ${reference} ${agent}`,
        });
      }
      await attach(host, { run, agent }, openPrompt(context), context);
    });
}
