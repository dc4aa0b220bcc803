import {
  type Compiled,
  type CompileOptions,
  compileText,
  formatProblems,
  type Problem,
} from '@agentteam/compiler';
import type { Context } from './context.ts';
import { CLI_EXIT } from './exit.ts';
import { Failure } from './failure.ts';
import { readTeamFile, type TeamFile } from './read-team.ts';

export type CompiledFile = Compiled & {
  readonly file: TeamFile;
  readonly warnings: readonly Problem[];
};

/** Compiles a team file. @throws Failure with every problem, as `validate` prints them. */
export async function compileFile(
  context: Context,
  file: string,
  options: CompileOptions = {},
): Promise<CompiledFile> {
  const read = await readTeamFile(context, file);
  const { compiled, problems, warnings } = compileText(read.text, options);
  if (compiled === undefined) {
    const details = formatProblems(problems, { file: read.name, text: read.text });
    throw new Failure(`${read.name} is not valid\n\n${details}`, { exitCode: CLI_EXIT.usage });
  }
  return { ...compiled, file: read, warnings };
}
