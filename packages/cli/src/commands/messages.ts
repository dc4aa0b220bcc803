import { Command } from 'commander';
import { type Context, note, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { addHostOptions, type HostOptions } from '../host/host-options.ts';
import { openHost } from '../host/open-host.ts';
import { formatMessages } from '../mail/format-messages.ts';
import type { Message } from '../mail/message.ts';
import { oneLine } from '../terminal/safe.ts';

/** A member that takes a task itself is told so by mail of its own: that is no conversation. */
function isConversation({ kind, from, to }: Message): boolean {
  return kind === 'message' || (kind === 'task' && from !== to);
}

interface Options extends HostOptions {
  readonly all?: true;
  readonly json?: true;
}

export function command(context: Context): Command {
  return addHostOptions(new Command('messages'))
    .description("Prints the team's mail as a conversation, oldest first.")
    .argument('<run>', 'name of the run, or of the team in a cluster')
    .option('--all', 'idle notices, shutdown handshakes and own tasks too')
    .option('--json', 'as JSON')
    .addHelpText('after', `\nExample:\n  $ agentteam messages q3-report\n${PLAIN_EXITS}`)
    .action(async (run: string, { all, json, ...options }: Options) => {
      const host = await openHost(context, options);
      const { messages, missing, leftOut } = await host.messages(run, context.signal);
      if (missing.length > 0) {
        note(context, `! What ${missing.join(', ')} had taken is not here: no pod of theirs runs.`);
      }
      for (const sentence of leftOut) note(context, `! ${oneLine(sentence)}`);
      const shown = all ? messages : messages.filter(isConversation);
      if (json) return printJson(context, shown);
      if (shown.length === 0) return note(context, 'No mail yet.');
      print(context, ...formatMessages(shown, context.out.columns ?? 100, context.colors));
    });
}
