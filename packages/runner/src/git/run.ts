import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { EXIT } from '@agentteam/contract';
import { execa } from 'execa';
import { StepFailure } from '../step/failure.ts';
import { TRUSTED_CONFIG, TRUSTED_ENVIRONMENT } from './trusted-config.ts';

export interface GitOptions {
  readonly cwd: string;
  readonly signal: AbortSignal;
  /** Configuration for this call, in addition to {@link TRUSTED_CONFIG}. */
  readonly config?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Readable;
  /** Exit codes that are not errors. Default: only 0. */
  readonly accept?: readonly number[];
  /** Bytes of output after which git is ended. Default: 100 MB. */
  readonly mostOutput?: number;
  /** A file descriptor that gets the output instead. */
  readonly output?: number;
  /** With `latin1`, each byte of the output becomes one character. Default: UTF-8. */
  readonly encoding?: 'latin1';
}

export interface GitResult {
  readonly stdout: string;
  readonly exitCode: number;
}

/** How a call of git ended. */
export interface GitEnd {
  /** Absent where a signal ended git. */
  readonly exitCode: number | undefined;
  readonly stderr: string;
  /** Whether git was ended because it printed more than {@link GitOptions.mostOutput}. */
  readonly isTooLong: boolean;
}

/** A failed git call. Most such failures are final: git would give the same answer again. */
export class GitError extends StepFailure {
  readonly stderr: string;
  readonly isTooLong: boolean;
  /** Whether another attempt may succeed. Such a failure says nothing about the repository. */
  readonly isTransient: boolean;

  constructor(args: readonly string[], { exitCode, stderr, isTooLong }: GitEnd) {
    const code = exitCode === undefined ? '' : ` (exit code ${exitCode})`;
    const isTransient = !isTooLong && (exitCode === undefined || TRANSIENT.test(stderr));
    const remedy = 'All files are kept. Fix the cause, then run agentteam retry.';
    const silent = exitCode === undefined && !isTooLong ? 'a signal ended it' : '';
    const message = `git ${args[0]} failed${code}: ${stderr || silent}`;
    super(
      isTransient ? message : `${message}\n${remedy}`,
      isTransient ? EXIT.failed : EXIT.refused,
    );
    this.stderr = stderr;
    this.isTooLong = isTooLong;
    this.isTransient = isTransient;
  }
}

/** Failures that another attempt, or another node, may not have. */
const TRANSIENT =
  /died of signal|No space left|Disk quota exceeded|Input\/output error|Stale file handle|[Oo]ut of memory|Cannot allocate memory|Resource temporarily unavailable|unable to create thread/;

/** Attempts at a lock that git in another pod holds. The pauses add up to about 25 s. */
const LOCK_ATTEMPTS = 60;
const LOCK_PAUSE_MS = 400;
const LOCK_HELD =
  /Unable to create '.*\.lock': File exists|cannot lock ref|could not lock config file|Unable to lock|failed to lock/i;
/** A ref that can never be locked, because another ref blocks its name. */
const BLOCKED_NAME = /' exists; cannot create '/;

/**
 * Runs git such that only its arguments decide what it does: it reads no configuration of the user
 * or the system, ignores the keys with which a repository's configuration could run a program, never
 * prompts, and prints English, because the messages tell refusals from outages. It waits for locks
 * that other processes hold.
 * @throws GitError with git's error output.
 */
export async function git(args: readonly string[], options: GitOptions): Promise<GitResult> {
  const { cwd, signal, accept = [0] } = options;
  for (let attempt = 1; ; attempt += 1) {
    const { exitCode, stdout, stderr, isMaxBuffer } = await execa('git', args, {
      cwd,
      env: environment(options),
      extendEnv: false,
      cancelSignal: signal,
      reject: false,
      stripFinalNewline: false,
      encoding: options.encoding ?? 'utf8',
      // The types of execa lack descriptors.
      stdout: (options.output ?? 'pipe') as 'pipe',
      ...(options.mostOutput !== undefined && { maxBuffer: options.mostOutput }),
      ...(options.input === undefined ? { stdin: 'ignore' } : { input: options.input }),
    });
    if (exitCode !== undefined && accept.includes(exitCode))
      return { stdout: stdout ?? '', exitCode };
    signal.throwIfAborted();
    const isHeld = LOCK_HELD.test(stderr) && !BLOCKED_NAME.test(stderr);
    if (!isHeld || attempt === LOCK_ATTEMPTS) {
      throw new GitError(args, { exitCode, stderr: stderr.trim(), isTooLong: isMaxBuffer });
    }
    await delay(Math.random() * 2 * LOCK_PAUSE_MS, undefined, { signal });
  }
}

/** The output of git, without trailing whitespace. */
export async function gitLine(args: readonly string[], options: GitOptions): Promise<string> {
  return (await git(args, options)).stdout.trimEnd();
}

/** The fields of a command's output with `-z`, which ends each field with NUL. */
export async function gitFields(
  args: readonly string[],
  options: GitOptions,
): Promise<readonly string[]> {
  const fields = (await git(args, options)).stdout.split('\0');
  return fields.at(-1) === '' ? fields.slice(0, -1) : fields;
}

/** Configuration is passed in the environment, so that paths of credentials are in no process list. */
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
