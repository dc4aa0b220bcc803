import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { atEnd } from '../team.ts';

/** A new directory, until the test file ends. */
export async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'agentteam-client-'));
  atEnd(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

export async function writeFiles(
  directory: string,
  files: Readonly<Record<string, string | Buffer>>,
): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const file = join(directory, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

export interface Outcome {
  readonly code: number;
  /** Standard output and errors. */
  readonly output: string;
}

/** Runs a program as an agent would: with the given environment and a HOME of its own. */
export function run(
  directory: string,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const [program = '', ...args] = command;
  const { PATH = '', JAVA_HOME } = process.env;
  const all = { PATH, HOME: directory, ...(JAVA_HOME !== undefined && { JAVA_HOME }), ...env };
  return new Promise((resolve) => {
    execFile(program, args, { cwd: directory, env: all }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number((error as { code?: unknown }).code ?? 1);
      resolve({ code, output: `${stdout}${stderr}` });
    });
  });
}
