import { Command } from 'commander';
import { type Context, note, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { oneLine } from '../output/terminal/safe.ts';
import { openHost } from './options/open-host.ts';
import { addHostOptions, type HostOptions } from './options/shared-options.ts';

interface Options extends HostOptions {
  readonly by?: string;
  readonly json?: true;
}

export function command(context: Context): Command {
  return addHostOptions(new Command('answer'))
    .description(
      'Answer a question of an agent, so that it goes on.\n\n' +
        'The first answer counts. For a question with choices, write the choice or its number; ' +
        'another answer is possible too. agentteam get shows the questions.',
    )
    .argument('<run>', 'name of the run, or of the team on a cluster')
    .argument('<answer...>', 'id of the question or name of the agent, then the answer')
    .option(
      '--by <name>',
      'on this machine: name of the person who answers (default: your user name)',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExamples:\n  $ agentteam answer q3-report researcher "Use October."\n  $ agentteam answer q3-report researcher.2 1\n  $ agentteam answer q3-report "Use October."      # if only one question is open\n${PLAIN_EXITS}`,
    )
    .action(async (run: string, words: readonly string[], options: Options) => {
      const { by } = options;
      const host = await openHost(context, options);
      const answered = await host.answer(
        run,
        { words, via: 'agentteam', ...(by !== undefined && { by }) },
        context.signal,
      );
      if (options.json) return printJson(context, { run, ...answered });
      print(
        context,
        `answered ${answered.id} as ${oneLine(answered.by)}: ${oneLine(answered.text)}`,
      );
      if (answered.note !== undefined) note(context, `! ${answered.note}`);
    });
}
