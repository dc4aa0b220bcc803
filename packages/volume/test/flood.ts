import { execFile } from 'node:child_process';
import { linkSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Makes so many files `1.json`, `2.json`, …, as an agent does with one line of shell.
 * @param different how many have a content of their own; the others are links to the first.
 * @param from the first number.
 */
export function floodWithFiles(
  directory: string,
  count: number,
  content: (id: number) => string = () => '',
  { different = 1, from = 1 } = {},
): void {
  mkdirSync(directory, { recursive: true });
  const file = (id: number) => join(directory, `${id}.json`);
  for (let id = from; id < from + count; id += 1) {
    if (id < from + different) writeFileSync(file(id), content(id));
    else linkSync(file(from), file(id));
  }
}

/** A file that says it has so many bytes, and takes no room. */
export function makeSparseFile(path: string, bytes: number): void {
  writeFileSync(path, '');
  truncateSync(path, bytes);
}

/** Directories in one another: from 1,366 levels on, their path is longer than any that a program may name. */
export async function makeDeep(directory: string, levels: number): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const script = `for (let level = 0; level < ${levels}; level += 1) { fs.mkdirSync('dd'); process.chdir('dd'); }`;
  await run(process.execPath, ['-e', script], { cwd: directory });
}

export async function makePipe(path: string): Promise<void> {
  await run('mkfifo', [path]);
}

/** Runs a program with no more descriptors than a shell usually gives it. */
export async function withFewDescriptors(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  const limited = ['-c', 'ulimit -n 1024 && exec "$@"', 'sh', program, ...args];
  const { stdout } = await run('sh', limited, { ...options, maxBuffer: 64 << 20 });
  return stdout;
}
