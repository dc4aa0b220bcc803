import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  type Compiled,
  type CompileOptions,
  compileText,
  formatProblems,
  type Problem,
} from '@agentteam/compiler';
import type { Context } from './context.ts';
import { CLI_EXIT } from './exit.ts';
import { Failure, usageError } from './failure.ts';

/** The text of a team file. */
export interface TeamFile {
  /** Name of the file in messages. */
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

export type CompiledFile = Compiled & {
  readonly file: TeamFile;
  readonly warnings: readonly Problem[];
};

/**
 * Compiles a team file.
 * @throws Failure listing every problem, in the format of `validate`.
 */
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

/**
 * Reads a team file; `-` is standard input.
 * @throws Failure when the file cannot be read or is not UTF-8.
 */
export async function readTeamFile(context: Context, file: string): Promise<TeamFile> {
  if (file === '-') {
    const chunks: Buffer[] = [];
    for await (const chunk of context.in) chunks.push(Buffer.from(chunk));
    return {
      name: '<stdin>',
      path: resolve(context.cwd, 'stdin.yaml'),
      text: decode('<stdin>', Buffer.concat(chunks)),
    };
  }
  const path = resolve(context.cwd, file);
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw readFailure(file, error);
  });
  return { name: file, path, text: decode(file, bytes) };
}

/** Other encodings are refused: their characters would reach the agents as replacement characters. */
function decode(file: string, bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  // Latin-1 maps each byte to one character, so line numbers stay those of the file.
  const lines = bytes.toString('latin1').split('\n');
  const line = lines.findIndex((text) => !isUtf8(Buffer.from(text, 'latin1'))) + 1;
  throw usageError(
    `line ${line} of ${file} is not UTF-8 text`,
    'Save the file as UTF-8; in PowerShell use Out-File -Encoding utf8.',
  );
}

function readFailure(file: string, error: NodeJS.ErrnoException): Error {
  switch (error.code) {
    case 'ENOENT':
      return usageError(
        `there is no file ${file}`,
        'To create one to start from, run: agentteam init',
      );
    case 'ENOTDIR':
      return usageError(`there is no file ${file}: a parent of this path is not a directory`);
    case 'EISDIR':
      return usageError(`${file} is a directory`, 'Name the team file inside it.');
    case 'EACCES':
      return usageError(`no permission to read ${file}`, 'Check the permissions of the file.');
    case 'ENAMETOOLONG':
      return usageError(`${file}: the name is too long`);
    case 'ELOOP':
      return usageError(`${file} is a link that leads back to itself`, 'Name the file itself.');
    default:
      return error;
  }
}
