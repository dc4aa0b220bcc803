import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PRODUCT_VERSION, RUNTIME } from '@agentteam/contract';
import { execa } from 'execa';
import { type Context, note } from '../context.ts';
import { cacheDirectory, distribution } from '../distribution.ts';
import { CLI_EXIT } from '../exit.ts';
import { Failure } from '../failure.ts';
import { claudeProgram } from './inputs/programs.ts';

/**
 * Makes the runtime for agents in images of their own, unless an earlier run has made it of the same programs.
 * @returns the directory that takes the place of our image.
 * @throws Failure when it cannot be made.
 */
export async function prepareRuntime(context: Context): Promise<string> {
  const dist = distribution();
  const script = join(dist, 'make-runtime.mjs');
  const claude = realpathSync(claudeProgram(context.env));
  const sources = [process.execPath, claude, script, join(dist, 'runner.mjs')];
  const cache = cacheDirectory(context.env);
  const directory = join(cache, `runtime-${PRODUCT_VERSION}-${digestOf([...sources, ...SYSTEM])}`);
  if (existsSync(directory)) return directory;
  note(context, `Making the runtime for agents in images (once): ${directory}`);
  const unfinished = `${directory}.${process.pid}`;
  try {
    mkdirSync(cache, { recursive: true, mode: 0o700 });
    mkdirSync(unfinished, { mode: 0o700 });
    const out = join(unfinished, RUNTIME.directory);
    const args = [script, out, '--node', process.execPath, '--claude', claude, '--dist', dist];
    await execa(process.execPath, args, { stdin: 'ignore', cancelSignal: context.signal });
    moveTo(directory, unfinished);
    return directory;
  } catch (error) {
    context.signal.throwIfAborted();
    throw new Failure(`the runtime for agents in images cannot be made: ${reasonOf(error)}`, {
      exitCode: CLI_EXIT.usage,
      hint:
        'It is made of the git, bash and glibc of this machine, which must be those of Debian or Ubuntu\n' +
        '  (docs/environments.md). To use the programs of this machine instead of images, omit --containers.',
      cause: error,
    });
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** Programs of this machine that the runtime is made of. */
const SYSTEM = ['/usr/bin/git', '/usr/bin/git-lfs', '/bin/bash'];

/** Changes when one of the files changes. */
function digestOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) {
    const stat = statSync(file, { throwIfNoEntry: false });
    hash.update(JSON.stringify([file, stat?.size, stat?.mtimeMs]));
  }
  return hash.digest('hex').slice(0, 12);
}

/** Another process may have made the same directory meanwhile. */
function moveTo(directory: string, unfinished: string): void {
  try {
    renameSync(unfinished, directory);
  } catch (error) {
    if (!existsSync(directory)) throw error;
  }
}

function reasonOf(error: unknown): string {
  const { stderr = '', message } = error as Error & { readonly stderr?: string };
  const line = stderr.split('\n').find((one) => /^\w*Error: /.test(one));
  return line?.replace(/^\w*Error: /, '') ?? message;
}
