import type { Message } from '@agentteam/detail';
import { Command } from 'commander';
import { type Context, note, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { oneLine } from '../output/terminal/safe.ts';
import { formatMessages } from '../teams/mail/format-messages.ts';
import { openHost } from './options/open-host.ts';
import { addHostOptions, type HostOptions } from './options/shared-options.ts';

const TALK: ReadonlySet<Message['kind']> = new Set(['message', 'person', 'answer']);

/** An agent that takes a task sends itself a mail, which is not part of the conversation. */
function isConversation({ kind, from, to }: Message): boolean {
  return TALK.has(kind) || (kind === 'task' && from !== to);
}

interface Options extends HostOptions {
  readonly all?: true;
  readonly json?: true;
}

export function command(context: Context): Command {
  return addHostOptions(new Command('messages'))
    .description("Print the team's mail and people's answers as a conversation, oldest first.")
    .argument('<run>', 'name of the run, or of the team on a cluster')
    .option(
      '--all',
      'include idle notices, shutdown requests and tasks that agents took themselves',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  $ agentteam messages q3-report\n${PLAIN_EXITS}`)
    .action(async (run: string, { all, json, ...options }: Options) => {
      const host = await openHost(context, options);
      const { messages, missing, leftOut } = await host.messages(run, context.signal);
      if (missing.length > 0) {
        note(
          context,
          `! The delivered mail of ${missing.join(', ')} is missing, because ${missing.length === 1 ? 'its pod is' : 'their pods are'} not running.`,
        );
      }
      for (const sentence of leftOut) note(context, `! ${oneLine(sentence)}`);
      const shown = all ? messages : messages.filter(isConversation);
      if (json) return printJson(context, shown);
      if (shown.length === 0) return note(context, 'There is no mail yet.');
      print(context, ...formatMessages(shown, context.out.columns ?? 100, context.colors));
    });
}
