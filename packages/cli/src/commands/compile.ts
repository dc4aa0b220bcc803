import { toYaml } from '@agentteam/compiler';
import { Command, Option } from 'commander';
import { compileFile } from '../compile-file.ts';
import { type Context, printJson } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { usageError } from '../failure.ts';

interface Options {
  readonly output: 'yaml' | 'json';
  readonly json?: true;
  readonly claim?: true;
  readonly image?: string;
  readonly storageClass?: string;
}

export function command(context: Context): Command {
  return new Command('compile')
    .description(
      'Prints the Argo Workflow that a team becomes. The same file gives the same bytes.',
    )
    .argument('<file>', 'team file; - for standard input')
    .addOption(new Option('-o, --output <format>', 'how').choices(['yaml', 'json']).default('yaml'))
    .option('--claim', 'print the claim for the output instead, which must exist before')
    .option('--image <image>', 'image of all containers')
    .option('--storage-class <name>', 'storage class (ReadWriteMany) of the claims')
    .option('--json', 'the same as --output json')
    .addHelpText(
      'after',
      `\nExample:\n  $ agentteam compile team.yaml | argo submit -\n${PLAIN_EXITS}`,
    )
    .action(async (file: string, { output, json, claim, image, storageClass }: Options) => {
      const { workflow, outputClaim } = await compileFile(context, file, {
        ...(image !== undefined && { image }),
        ...(storageClass !== undefined && { storageClass }),
      });
      const object = claim ? outputClaim : workflow;
      if (object === undefined) throw usageError(`${file} needs no claim to be made for it`);
      if (json || output === 'json') return printJson(context, object);
      context.out.write(toYaml(object));
    });
}
