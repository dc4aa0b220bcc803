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
  return addHostOptions(new Command('pause'))
    .description(
      'Pause a team until agentteam resume.\n\n' +
        'Its agents stop at their next request to the API, and no further step begins. On this ' +
        'machine the time does not count for the timeout; on a cluster the timeout goes on.',
    )
    .argument('<run>', 'name of the run, or of the team on a cluster')
    .option(
      '--by <name>',
      'on this machine: name of the person who pauses it (default: your user name)',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExamples:\n  $ agentteam pause q3-report\n  $ agentteam pause q3-report -n reports\n${PLAIN_EXITS}`,
    )
    .action(async (run: string, { by, json, ...options }: Options) => {
      const host = await openHost(context, options);
      const { pause, isNew, notes } = await host.pause(run, by);
      if (json) {
        const more = notes.length > 0 && { notes };
        return printJson(context, { run, paused: pause, again: !isNew, ...more });
      }
      const { reference } = await host.get(run);
      const next = `To continue, run: agentteam resume ${reference}`;
      print(
        context,
        isNew
          ? `${run} is paused: its agents stop at their next request. ${next}`
          : `${run} was paused before by ${oneLine(pause.by)}. ${next}`,
      );
      for (const sentence of notes) note(context, `! ${oneLine(sentence)}`);
    });
}
