import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { shownName } from '@agentteam/contract';
import { LIMITS } from '@agentteam/volume';
import { Command } from 'commander';
import { type Context, note, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { Failure, usageError } from '../failure.ts';
import { oneLine } from '../output/terminal/safe.ts';
import { openHost } from './options/open-host.ts';
import { addHostOptions, type HostOptions } from './options/shared-options.ts';

interface Options extends HostOptions {
  readonly all?: true;
  readonly file?: string;
  readonly by?: string;
  readonly json?: true;
}

export function command(context: Context): Command {
  return addHostOptions(new Command('tell'))
    .description(
      'Send a message to an agent of a running team.\n\n' +
        'A busy agent reads it after its current tool call, an idle one at once. It ranks ' +
        'above mail from other agents. The lead is called lead.',
    )
    .argument('<run>', 'name of the run, or of the team on a cluster')
    .argument('[words...]', 'name of the agent, then the message')
    .option('--all', 'send it to all agents that have not ended, without naming one')
    .option('--file <file>', 'read the message from a file; - reads standard input')
    .option(
      '--by <name>',
      'on this machine: name of the person who writes (default: your user name)',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExamples:\n  $ agentteam tell q3-report researcher "Use the figures of October."\n  $ agentteam tell q3-report --all "The deadline is 5 pm."\n${PLAIN_EXITS}`,
    )
    .action(async (run: string, words: readonly string[], options: Options) => {
      const { agents, text } = await readWords(context, words, options);
      const { by: wanted } = options;
      const host = await openHost(context, options);
      const sent = await host.tell(
        run,
        { agents, text, ...(wanted !== undefined && { by: wanted }) },
        context.signal,
      );
      const receivers = sent.agents.map(shownName);
      if (options.json) return printJson(context, { run, ...sent, agents: receivers });
      print(context, `sent to ${receivers.join(', ')} as ${oneLine(sent.by)}`);
      for (const sentence of sent.notes) note(context, `! ${sentence}`);
    });
}

/** Splits the arguments into the receivers and the text. */
async function readWords(
  context: Context,
  words: readonly string[],
  { all, file }: Options,
): Promise<{ readonly agents: readonly string[]; readonly text: string }> {
  const agents = all ? [] : words.slice(0, 1);
  const rest = all ? words : words.slice(1);
  if (!all && agents.length === 0) {
    throw usageError('no agent is named', 'Name one after the run, or use --all.');
  }
  if (file !== undefined && rest.length > 0) {
    throw usageError('the message is given twice', 'Omit the text, or --file.');
  }
  const text = file === undefined ? rest.join(' ') : await readText(context, file);
  if (text.trim() === '') {
    throw usageError(
      'the message is empty',
      'Write it after the name of the agent, or use --file.',
    );
  }
  return { agents, text };
}

/** Reads at most a little more than a message may have, so that the limit is reported for longer ones. */
async function readText(context: Context, file: string): Promise<string> {
  const source: Readable = file === '-' ? context.in : createReadStream(resolve(context.cwd, file));
  const most = 4 * LIMITS.personCharacters;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      chunks.push(Buffer.from(chunk));
      size += chunk.length;
      if (size > most) break;
    }
  } catch (cause) {
    throw new Failure(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
  return Buffer.concat(chunks).toString('utf8');
}
