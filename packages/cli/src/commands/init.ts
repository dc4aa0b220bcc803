import { writeFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { type Context, print } from '../context.ts';
import { PLAIN_EXITS } from '../exit.ts';
import { Failure, usageError } from '../failure.ts';
import { codingTeam } from './templates/coding-team.ts';
import { coworkTeam } from './templates/cowork-team.ts';
import { shellWord } from '../output/terminal/shell-word.ts';

interface Options {
  readonly mode: 'cowork' | 'coding';
  readonly name: string;
  readonly force?: true;
}

export function command(context: Context): Command {
  return new Command('init')
    .description('Writes a team file that runs as it is, with a comment on every field.')
    .argument('[file]', 'where to write it; - for standard output', 'team.yaml')
    .addOption(
      new Option('--mode <mode>', 'documents and analysis, or work on a git repository')
        .choices(['cowork', 'coding'])
        .default('cowork'),
    )
    .option('--name <name>', "the team's name", 'my-team')
    .option('--force', 'overwrite the file')
    .addHelpText('after', `\nExample:\n  $ agentteam init team.yaml --mode coding\n${PLAIN_EXITS}`)
    .action((file: string, options: Options) => init(context, file, options));
}

async function init(context: Context, file: string, { mode, name, force }: Options): Promise<void> {
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
    throw usageError(
      `"${name}" cannot name a team`,
      'Use lower-case letters, digits and hyphens: my-team',
    );
  }
  const text = mode === 'coding' ? codingTeam(name) : coworkTeam(name);
  if (file === '-') {
    context.out.write(text);
    return;
  }
  const path = resolve(context.cwd, file);
  try {
    await writeFile(path, text, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    throw unwritable(file, error as NodeJS.ErrnoException);
  }
  const shown = relative(context.cwd, path) || path;
  const word = shellWord(shown);
  print(
    context,
    `Wrote ${shown}. Next:`,
    `  agentteam validate ${word}`,
    `  agentteam run ${word} --rehearse`,
  );
}

function unwritable(file: string, error: NodeJS.ErrnoException): Error {
  const wayOut = 'Name another file.';
  switch (error.code) {
    case 'EEXIST':
      return new Failure(`${file} exists already`, {
        wayOut: 'Name another file, or add --force.',
      });
    case 'EISDIR':
      return usageError(`${file} is a directory`, wayOut);
    case 'ENOENT':
    case 'ENOTDIR':
      return usageError(`${file}: there is no such directory`, 'Make it, or name another one.');
    case 'EACCES':
    case 'EROFS':
      return new Failure(`${file} may not be written`, { wayOut });
    default:
      return error;
  }
}
