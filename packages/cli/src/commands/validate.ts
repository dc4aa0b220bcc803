import { compileText, formatProblems, formatWarnings, type Problem } from '@agentteam/compiler';
import { Command } from 'commander';
import { type Context, note, print, printJson } from '../context.ts';
import { CLI_EXIT, PLAIN_EXITS } from '../exit.ts';
import { Failure } from '../failure.ts';
import { plural } from '../output/terminal/quantities.ts';
import { readTeamFile } from '../team-file.ts';

interface Options {
  readonly json?: true;
}

export function command(context: Context): Command {
  return new Command('validate')
    .description('Check team files and list every problem with its line and a hint.')
    .argument('<file...>', 'team files; - for standard input')
    .option('--json', 'print the problems as JSON')
    .addHelpText('after', `\nExample:\n  $ agentteam validate team.yaml\n${PLAIN_EXITS}`)
    .action((files: readonly string[], options: Options) => validate(context, files, options));
}

async function validate(
  context: Context,
  files: readonly string[],
  { json }: Options,
): Promise<void> {
  const results = [];
  for (const file of files) {
    results.push(await check(context, file));
  }
  const found = results.reduce((sum, { problems }) => sum + problems.length, 0);
  if (found > 0) context.exit(CLI_EXIT.usage);
  if (json) {
    return printJson(
      context,
      results.map(({ file, problems, warnings }) => ({
        file,
        valid: problems.length === 0,
        problems,
        warnings,
      })),
    );
  }
  for (const { file, text, problems, warnings } of results) {
    if (problems.length === 0) print(context, `${context.colors.green('✓')} ${file} is valid`);
    if (warnings.length > 0) note(context, formatWarnings(warnings, { file, text }), '');
    if (problems.length > 0) note(context, formatProblems(problems, { file, text }), '');
  }
  if (found > 0) note(context, `${context.colors.red('✗')} ${plural(found, 'problem')}`);
}

interface Checked {
  readonly file: string;
  readonly text: string;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Reports a file that cannot be read as a problem, so that the other files are still checked. */
async function check(context: Context, file: string): Promise<Checked> {
  try {
    const { name, text } = await readTeamFile(context, file);
    const { problems, warnings } = compileText(text, { controller: { admission: true } });
    return { file: name, text, problems, warnings };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { message, hint } = error;
    const problem = {
      ...{ code: 'unreadable', path: [], message },
      ...(hint !== undefined && { hint: hint }),
    };
    return { file, text: '', problems: [problem], warnings: [] };
  }
}
