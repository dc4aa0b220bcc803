import { toYaml } from '@agentteam/compiler';
import { Command, Option } from 'commander';
import { compileFile } from '../compile-file.ts';
import { type Context, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';

interface Options {
  readonly output: 'yaml' | 'json';
  readonly json?: true;
}

export function command(context: Context): Command {
  return new Command('compile')
    .description(
      'Prints the Argo Workflow that a team becomes. The same file gives the same bytes.',
    )
    .argument('<file>', 'team file; - for standard input')
    .addOption(new Option('-o, --output <format>', 'how').choices(['yaml', 'json']).default('yaml'))
    .option('--json', 'the same as --output json')
    .addHelpText(
      'after',
      `\nExample:\n  $ agentteam compile team.yaml | argo submit -\n${PLAIN_EXITS}`,
    )
    .action(async (file: string, { output, json }: Options) => {
      const { workflow } = await compileFile(context, file);
      if (json || output === 'json') return printJson(context, workflow);
      context.out.write(toYaml(workflow));
    });
}
