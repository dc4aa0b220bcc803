import { Command } from 'commander';
import { type Context, note, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { openHost } from '../host/open-host.ts';
import { conversation } from '../mail/conversation.ts';

interface Options {
  readonly all?: true;
  readonly json?: true;
  readonly dir?: string;
}

export function command(context: Context): Command {
  return new Command('messages')
    .description("Prints the team's mail as a conversation, oldest first.")
    .argument('<run>', 'name of the run')
    .option('--all', 'idle notices and shutdown handshakes too')
    .option('--json', 'as JSON')
    .option('--dir <directory>', 'where runs are kept')
    .addHelpText('after', `\nExample:\n  $ agentteam messages q3-report\n${PLAIN_EXITS}`)
    .action(async (run: string, { all, json, dir }: Options) => {
      const messages = await openHost(context, dir).messages(run);
      const shown = all
        ? messages
        : messages.filter(({ kind }) => kind === 'message' || kind === 'task');
      if (json) return printJson(context, shown);
      if (shown.length === 0) return note(context, 'No mail yet.');
      print(context, ...conversation(shown, context.out.columns ?? 100, context.colors));
    });
}
