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
      text: Buffer.concat(chunks).toString('utf8'),
    };
  }
  const path = resolve(context.cwd, file);
  try {
    return { name: file, path, text: await readFile(path, 'utf8') };
  } catch (error) {
    throw unreadable(file, error as NodeJS.ErrnoException);
  }
}

function unreadable(file: string, error: NodeJS.ErrnoException): Error {
  switch (error.code) {
    case 'ENOENT':
      return usageError(`there is no file ${file}`, 'agentteam init writes one to start from.');
    case 'EISDIR':
      return usageError(`${file} is a directory`, 'Name the team file in it.');
    case 'EACCES':
      return usageError(`${file} may not be read`, 'Look at its permissions.');
    default:
      return error;
  }
}
