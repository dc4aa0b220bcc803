import { Command, Option } from 'commander';
import { type Context, note, print, printJson } from '../context.ts';
import { costCsv, costReport, costTable } from '../output/cost/report.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { addHostOptions, type HostOptions } from './options/host-options.ts';
import { openHost } from './options/open-host.ts';

interface Options extends HostOptions {
  readonly json?: true;
  readonly csv?: true;
}

export function command(context: Context): Command {
  return addHostOptions(new Command('cost'))
    .description(
      'Shows what a run cost: per agent and model, tokens by class, dollars, share, cache hits.\n' +
        'Counted from the replies of the API; what one did not report is counted at the most it can be.',
    )
    .argument('<run>', 'name of the run, or of the team in a cluster')
    .option('--json', 'as JSON, money as exact decimal text')
    .addOption(new Option('--csv', 'as CSV, money exact').conflicts('json'))
    .addHelpText(
      'after',
      `\nExample:\n  $ agentteam cost q3-report --csv > cost.csv\n${PLAIN_EXITS}`,
    )
    .action((run: string, options: Options) => cost(context, run, options));
}

async function cost(
  context: Context,
  run: string,
  { json, csv, ...options }: Options,
): Promise<void> {
  const host = await openHost(context, options);
  const { rehearsal } = await host.get(run);
  const { rows, note: source } = await host.cost(run);
  if (source !== undefined) note(context, source);
  if (json) return printJson(context, { run, rehearsal, ...costReport(rows) });
  if (csv) return print(context, ...costCsv(rows));
  print(context, ...costTable(rows, context.out.columns));
  if (rows.some(({ basis }) => basis === 'unknown')) {
    print(
      context,
      '* no price is known for this model, or for something that it did: counted at the dearest price',
    );
  }
  const estimated = rows.reduce((sum, row) => sum + (row.estimated ?? 0), 0);
  if (estimated > 0) {
    const replies = estimated === 1 ? '1 reply' : `${estimated} replies`;
    print(
      context,
      `~ with ${replies} whose cost the API did not report: counted at the most it can be`,
    );
  }
  if (rehearsal) print(context, 'A rehearsal: nothing of this was charged.');
}
