import { shownName } from '@agentteam/contract';
import { type Correspondence, type Message, shownMessage } from '@agentteam/detail';
import { Command } from 'commander';
import { type Context, note, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { oneLine } from '../output/terminal/safe.ts';
import { formatMessages } from '../teams/mail/format-messages.ts';
import type { TeamHost, VolumeAccess } from '../teams/team-host.ts';
import { openHost } from './options/open-host.ts';
import { addHostOptions, type HostOptions } from './options/shared-options.ts';
import { addVolumeOptions, type VolumeOptions, volumeAccess } from './options/volume-options.ts';

const TALK: ReadonlySet<Message['kind']> = new Set(['message', 'person', 'answer']);

/** An agent that takes a task sends itself a mail, which is not part of the conversation. */
function isConversation({ kind, from, to }: Message): boolean {
  return TALK.has(kind) || (kind === 'task' && from !== to);
}

interface Options extends HostOptions, VolumeOptions {
  readonly all?: true;
  readonly volume?: true;
  readonly json?: true;
}

export function command(context: Context): Command {
  return addHostOptions(addVolumeOptions(new Command('messages')))
    .description("Print the team's mail and people's answers as a conversation, oldest first.")
    .argument('<run>', 'name of the run, or of the team on a cluster')
    .option(
      '--all',
      'include idle notices, shutdown requests and tasks that agents took themselves',
    )
    .option('--json', 'print JSON')
    .option(
      '--volume',
      "on a cluster: read the team's volume through a pod, for a team whose agents have ended",
    )
    .addHelpText(
      'after',
      `\nExamples:\n  $ agentteam messages q3-report\n  $ agentteam messages q3-report -n reports --volume\n${PLAIN_EXITS}`,
    )
    .action(async (run: string, options: Options) => {
      const { all, json, volume, image, startTimeout, ...where } = options;
      const host = await openHost(context, where);
      const { messages, missing, leftOut } = volume
        ? await fromVolume(host, run, volumeAccess(context, options))
        : await host.messages(run, context.signal);
      if (missing.length > 0) {
        note(
          context,
          `! The delivered mail of ${missing.map(shownName).join(', ')} is missing, because ${missing.length === 1 ? 'its pod is' : 'their pods are'} not running.`,
        );
      }
      for (const sentence of leftOut) note(context, `! ${oneLine(sentence)}`);
      const shown = (all ? messages : messages.filter(isConversation)).map(shownMessage);
      if (json) return printJson(context, shown);
      if (shown.length === 0) return note(context, 'There is no mail yet.');
      print(context, ...formatMessages(shown, context.out.columns || 100, context.colors));
    });
}

/** The mail in the team's files, with what is known about the part that was not read. */
async function fromVolume(
  host: TeamHost,
  run: string,
  access: VolumeAccess,
): Promise<Correspondence> {
  const { messages, notices } = await host.detail(run, access, true);
  return { messages, missing: [], leftOut: notices.map(({ message }) => message) };
}
