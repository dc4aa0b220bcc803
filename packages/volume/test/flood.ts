import { execFile } from 'node:child_process';
import { linkSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Makes files `1.json`, `2.json`, …, as an agent could with one line of shell.
 * @param different the number of files with their own content; the others are hard links to the first.
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

/** Makes a file of this size that takes no space on the disk. */
export function makeSparseFile(path: string, bytes: number): void {
  writeFileSync(path, '');
  truncateSync(path, bytes);
}

/** Makes nested directories. The path of 1,366 levels or more is too long for any system call. */
export async function makeDeep(directory: string, levels: number): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const script = `for (let level = 0; level < ${levels}; level += 1) { fs.mkdirSync('dd'); process.chdir('dd'); }`;
  await run(process.execPath, ['-e', script], { cwd: directory });
}

export async function makePipe(path: string): Promise<void> {
  await run('mkfifo', [path]);
}

/** Runs a program with the usual limit of file descriptors. */
export async function withFewDescriptors(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  const limited = ['-c', 'ulimit -n 1024 && exec "$@"', 'sh', program, ...args];
  const { stdout } = await run('sh', limited, { ...options, maxBuffer: 64 << 20 });
  return stdout;
}
