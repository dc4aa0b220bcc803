import { Command } from 'commander';
import { type Context, print, printJson } from '../context.ts';
import { RUN_EXITS } from '../exit.ts';
import type { GateAnswer } from '../teams/gates.ts';
import { watchTeam } from '../teams/watch-team.ts';
import { openHost } from './options/open-host.ts';
import { parseBudget } from './options/parsers.ts';
import { addHostOptions, gatesOption, type HostOptions } from './options/shared-options.ts';

interface Options extends HostOptions {
  readonly file?: string;
  readonly budget?: string;
  readonly gates?: GateAnswer;
  readonly json?: true;
  readonly wait?: true;
}

export function command(context: Context): Command {
  return addHostOptions(new Command('retry'))
    .description(
      'Repeat the failed steps of a team that has ended, and the steps omitted because of them.\n\n' +
        'Gates that were rejected or not answered in time open again. Successful steps are ' +
        'not repeated, except the lead when a teammate is repeated, because the lead ' +
        "combines their work. The timeout starts again. On a cluster this uses Argo's own " +
        'retry, so its program argo must be on PATH.',
    )
    .argument('<run>', 'name of the run, or of the team on a cluster')
    .option(
      '-f, --file <file>',
      'corrected team file: successful steps whose part of the file is unchanged are kept',
    )
    .option(
      '--budget <dollars>',
      'new budget of the team, including what is already spent',
      parseBudget,
    )
    .addOption(gatesOption())
    .option('--wait', 'on a cluster: show the team until it has ended')
    .option('--json', 'print events as JSON, one on each line')
    .addHelpText('after', `\nExample:\n  $ agentteam retry q3-report --budget 50\n${RUN_EXITS}`)
    .action((run: string, options: Options) => retry(context, run, options));
}

async function retry(context: Context, run: string, options: Options): Promise<void> {
  const { file, budget, gates, wait } = options;
  const json = options.json === true;
  const host = await openHost(context, options);
  const exitCode = await host.retry(context, run, {
    json,
    ...(file !== undefined && { file }),
    ...(budget !== undefined && { budget }),
    ...(gates !== undefined && { gates }),
  });
  if (exitCode !== undefined) return context.exit(exitCode);
  if (wait) return context.exit(await watchTeam(context, host, run, { json }));
  if (json) return printJson(context, { run, retried: true });
  const { reference } = await host.get(run);
  print(context, `${run} continues. To watch it, run: agentteam watch ${reference}`);
}
