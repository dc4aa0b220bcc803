import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { TRUSTED_CONFIG, TRUSTED_ENVIRONMENT } from './trusted-config.ts';

export interface GitOptions {
  readonly cwd: string;
  readonly signal: AbortSignal;
  /** Configuration of this call, on top of {@link TRUSTED_CONFIG}. */
  readonly config?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Readable;
  /** Exit codes that are answers, not errors; default: 0 alone. */
  readonly accept?: readonly number[];
  /** `latin1`: each byte of the output is a character. Default: UTF-8. */
  readonly encoding?: 'latin1';
}

export interface GitResult {
  readonly stdout: string;
  readonly exitCode: number;
}

export class GitError extends Error {
  override readonly name = 'GitError';
  readonly stderr: string;
  readonly exitCode: number | undefined;

  constructor(args: readonly string[], exitCode: number | undefined, stderr: string) {
    super(`git ${args[0]} failed${exitCode === undefined ? '' : ` (${exitCode})`}: ${stderr}`);
    this.stderr = stderr;
    this.exitCode = exitCode;
  }
}

/** Attempts at a lock that another pod's git holds; the pauses between them add up to about 25 s. */
const LOCK_ATTEMPTS = 60;
const LOCK_PAUSE_MS = 400;
const LOCK_HELD =
  /Unable to create '.*\.lock': File exists|cannot lock ref|could not lock config file|Unable to lock|failed to lock/i;
/** A ref that can never be locked, because another one is in its way. */
const NEVER_FREE = /' exists; cannot create '/;

/**
 * Runs git so that nothing but its arguments decides what it does: no configuration of user or
 * system, none of the keys by which a repository's own configuration could run a program, no
 * prompt, no language but English (its words tell refusals from outages). Where another process
 * holds a lock it waits for its turn.
 * @throws GitError with what git said.
 */
export async function git(args: readonly string[], options: GitOptions): Promise<GitResult> {
  const { cwd, signal, accept = [0] } = options;
  for (let attempt = 1; ; attempt += 1) {
    const { exitCode, stdout, stderr } = await execa('git', args, {
      cwd,
      env: environment(options),
      extendEnv: false,
      cancelSignal: signal,
      reject: false,
      stripFinalNewline: false,
      encoding: options.encoding ?? 'utf8',
      ...(options.input === undefined ? { stdin: 'ignore' } : { input: options.input }),
    });
    if (exitCode !== undefined && accept.includes(exitCode)) return { stdout, exitCode };
    signal.throwIfAborted();
    const isHeld = LOCK_HELD.test(stderr) && !NEVER_FREE.test(stderr);
    if (!isHeld || attempt === LOCK_ATTEMPTS) {
      throw new GitError(args, exitCode, stderr.trim());
    }
    await delay(Math.random() * 2 * LOCK_PAUSE_MS, undefined, { signal });
  }
}

/** What git printed, without its final newline. */
export async function gitLine(args: readonly string[], options: GitOptions): Promise<string> {
  return (await git(args, options)).stdout.trimEnd();
}

/** Output of a command under `-z`, cut at its NULs: file names may hold any other byte. */
export async function gitFields(
  args: readonly string[],
  options: GitOptions,
): Promise<readonly string[]> {
  const fields = (await git(args, options)).stdout.split('\0');
  return fields.at(-1) === '' ? fields.slice(0, -1) : fields;
}

/** Configuration goes by the environment: a credential's path is nothing for a process list. */
function environment({ config = {}, env = {} }: GitOptions): Record<string, string> {
  const entries = [...TRUSTED_CONFIG, ...Object.entries(config)];
  return {
    ...TRUSTED_ENVIRONMENT,
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    ...env,
    GIT_CONFIG_COUNT: String(entries.length),
    ...Object.fromEntries(
      entries.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  };
}
