import { readDag } from '@agentteam/status';
import { Command, Option } from 'commander';
import { type Context, print, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { formatGraph, GRAPH_FORMATS, type GraphFormat } from '../output/graph/formats.ts';
import { compileFile } from '../team-file.ts';

interface Options {
  readonly format: GraphFormat;
  readonly json?: true;
}

export function command(context: Context): Command {
  return new Command('graph')
    .description('Draw the steps of a team and the order in which they run.')
    .argument('<file>', 'team file; - for standard input')
    .addOption(
      new Option('--format <format>', 'output format')
        .choices(GRAPH_FORMATS)
        .default('text' as const),
    )
    .addOption(new Option('--json', 'print the steps as JSON').conflicts('format'))
    .addHelpText(
      'after',
      `\nExample:\n  $ agentteam graph team.yaml --format dot | dot -Tsvg > team.svg\n${PLAIN_EXITS}`,
    )
    .action(async (file: string, { format, json }: Options) => {
      const tasks = readDag((await compileFile(context, file)).workflow);
      if (json) return printJson(context, tasks);
      print(context, ...formatGraph[format](tasks));
    });
}
