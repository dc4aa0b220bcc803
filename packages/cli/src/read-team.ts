import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Context } from './context.ts';
import { usageError } from './failure.ts';

/** A team file as text, and the name that messages call it by. */
export interface TeamFile {
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

/** Reads a team file; `-` is standard input. */
export async function readTeamFile(context: Context, file: string): Promise<TeamFile> {
  if (file === '-') {
    const chunks: Buffer[] = [];
    for await (const chunk of context.in) chunks.push(Buffer.from(chunk));
    return {
      name: '<stdin>',
      path: resolve(context.cwd, 'stdin.yaml'),
      text: textOf('<stdin>', Buffer.concat(chunks)),
    };
  }
  const path = resolve(context.cwd, file);
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(file, error);
  });
  return { name: file, path, text: textOf(file, bytes) };
}

/** A prompt in another encoding would reach its agent with its letters replaced. */
function textOf(file: string, bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  // One character for each byte, so that lines are as they are in the file.
  const lines = bytes.toString('latin1').split('\n');
  const line = lines.findIndex((text) => !isUtf8(Buffer.from(text, 'latin1'))) + 1;
  throw usageError(
    `line ${line} of ${file} is not text in UTF-8`,
    'Save the file as UTF-8; PowerShell: Out-File -Encoding utf8.',
  );
}

function unreadable(file: string, error: NodeJS.ErrnoException): Error {
  switch (error.code) {
    case 'ENOENT':
      return usageError(`there is no file ${file}`, 'agentteam init writes one to start from.');
    case 'ENOTDIR':
      return usageError(`there is no file ${file}: what should be a directory is none`);
    case 'EISDIR':
      return usageError(`${file} is a directory`, 'Name the team file in it.');
    case 'EACCES':
      return usageError(`${file} may not be read`, 'Look at its permissions.');
    default:
      return error;
  }
}
