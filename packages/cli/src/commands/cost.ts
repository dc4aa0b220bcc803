import { Command, Option } from 'commander';
import { type Context, print, printJson } from '../context.ts';
import { costCsv, costReport, costTable } from '../cost/report.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { openHost } from '../host/open-host.ts';

interface Options {
  readonly dir?: string;
  readonly json?: true;
  readonly csv?: true;
}

export function command(context: Context): Command {
  return new Command('cost')
    .description(
      'Shows what a run cost: per agent and model, tokens by class, dollars, share, cache hits.\n' +
        'Counted from the replies of the API, not estimated.',
    )
    .argument('<run>', 'name of the run')
    .option('--dir <directory>', 'where runs are kept')
    .option('--json', 'as JSON, money as exact decimal text')
    .addOption(new Option('--csv', 'as CSV, money exact').conflicts('json'))
    .addHelpText(
      'after',
      `\nExample:\n  $ agentteam cost q3-report --csv > cost.csv\n${PLAIN_EXITS}`,
    )
    .action((run: string, options: Options) => cost(context, run, options));
}

async function cost(context: Context, run: string, { dir, json, csv }: Options): Promise<void> {
  const host = openHost(context, dir);
  const { rehearsal } = await host.get(run);
  const rows = await host.cost(run);
  if (json) return printJson(context, { run, rehearsal, ...costReport(rows) });
  if (csv) return print(context, ...costCsv(rows));
  print(context, ...costTable(rows, context.out.columns));
  if (rows.some(({ basis }) => basis === 'unknown')) {
    print(context, '* no price is known for this model: counted at the dearest known rate');
  }
  if (rehearsal) print(context, 'A rehearsal: nothing of this was charged.');
}
