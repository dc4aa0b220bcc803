import { stat, writeFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { OBJECT_NAME } from '@agentteam/contract';
import { shellWord } from '@agentteam/text';
import { Command, Option } from 'commander';
import { type Context, print } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { Failure, usageError } from '../failure.ts';
import { writeFailure } from '../write-failure.ts';
import { codingTeam } from './templates/coding-team.ts';
import { coworkTeam } from './templates/cowork-team.ts';

interface Options {
  readonly mode: 'cowork' | 'coding';
  readonly name: string;
  readonly force?: true;
}

export function command(context: Context): Command {
  return new Command('init')
    .description('Write a team file that is ready to run, with comments that explain its fields.')
    .argument('[file]', 'file to write; - for standard output', 'team.yaml')
    .addOption(
      new Option('--mode <mode>', 'cowork writes documents; coding works on a git repository')
        .choices(['cowork', 'coding'])
        .default('cowork'),
    )
    .option('--name <name>', 'name of the team', 'my-team')
    .option('--force', 'overwrite the file if it exists')
    .addHelpText('after', `\nExample:\n  $ agentteam init team.yaml --mode coding\n${PLAIN_EXITS}`)
    .action((file: string, options: Options) => init(context, file, options));
}

async function init(context: Context, file: string, { mode, name, force }: Options): Promise<void> {
  if (!OBJECT_NAME.test(name)) {
    throw usageError(
      `\`${name}\` is not a valid name for a team`,
      'Use lower-case letters, digits, hyphens and dots: my-team',
    );
  }
  const teamOf = mode === 'coding' ? codingTeam : coworkTeam;
  if (file === '-') {
    context.out.write(teamOf(name, 'team.yaml'));
    return;
  }
  const path = resolve(context.cwd, file);
  const shown = relative(context.cwd, path) || path;
  const word = shellWord(shown);
  try {
    await writeFile(path, teamOf(name, word), { flag: force ? 'w' : 'wx' });
  } catch (error) {
    const failed = error as NodeJS.ErrnoException;
    if (failed.code !== 'EEXIST') throw writeFailure(file, failed);
    const found = await stat(path).catch(() => undefined);
    throw found?.isDirectory()
      ? usageError(`${file} is a directory`, 'Choose another file.')
      : new Failure(`${file} already exists`, {
          hint: 'Choose another file, or overwrite it with --force.',
        });
  }
  print(
    context,
    `Wrote ${shown}. Next:`,
    `  agentteam validate ${word}`,
    `  agentteam run ${word} --rehearse`,
  );
}
