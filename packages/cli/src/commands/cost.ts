import { formatMoney, parseMoney } from '@agentteam/contract';
import { Command, Option } from 'commander';
import { type Context, note, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { costCsv, costNotes, costReport, costTable } from '../output/cost/report.ts';
import { oneLine } from '../output/terminal/safe.ts';
import { openHost } from './options/open-host.ts';
import { addHostOptions, type HostOptions } from './options/shared-options.ts';

interface Options extends HostOptions {
  readonly json?: true;
  readonly csv?: true;
}

export function command(context: Context): Command {
  return addHostOptions(new Command('cost'))
    .description(
      'Show what a team cost for each agent and model: tokens, dollars, share and cache hits.\n\n' +
        'The costs come from the usage that the API reports. A reply without reported usage ' +
        'counts with the highest cost that it can have.',
    )
    .argument('<run>', 'name of the run, or of the team on a cluster')
    .option('--json', 'print JSON with exact amounts as decimal text')
    .addOption(new Option('--csv', 'print CSV with exact amounts').conflicts('json'))
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
  const { rows, credentials = [], note: source } = await host.cost(run);
  if (source !== undefined) note(context, source);
  const paid = credentials.length === 0 ? {} : { credentials };
  if (json) return printJson(context, { run, rehearsal, ...costReport(rows), ...paid });
  if (csv) return print(context, ...costCsv(rows));
  print(context, ...costTable(rows, context.out.columns || Infinity));
  for (const { name, usd } of credentials) {
    print(context, `${oneLine(name)} paid ${formatMoney(parseMoney(usd))}`);
  }
  print(context, ...costNotes(rows));
  if (rehearsal)
    print(context, 'This was a rehearsal: the costs are simulated and nothing was charged.');
}
