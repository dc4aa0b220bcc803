import { writeFile } from 'node:fs/promises';
import { ENV, EXIT, type ExitCode, PATHS, under } from '@agentteam/contract';
import { textFor } from '@agentteam/text';
import { type StorageError, storageErrorOf } from '@agentteam/volume';
import { GitError } from '../git/run.ts';
import { complain } from './say.ts';

/** Ends a step with words for the person who reads its log, and an exit code for Argo. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.failed, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.exitCode = exitCode;
  }
}

/**
 * Runs a step: what it throws goes to the log and to whoever looks at the step, in words, and becomes
 * its exit code.
 * @param work is given what stands for `/`.
 */
export async function runStep(
  name: string,
  env: NodeJS.ProcessEnv,
  work: (root: string) => Promise<void>,
): Promise<number> {
  const root = env[ENV.root] ?? '';
  try {
    await work(root);
    return EXIT.ok;
  } catch (error) {
    const { message, exitCode } = failureOf(error);
    const expected =
      error instanceof StepFailure ||
      error instanceof GitError ||
      storageErrorOf(error) !== undefined;
    const stack = error instanceof Error ? error.stack : String(error);
    complain(`${name}: ${expected ? message : stack}`);
    await leaveWords(root, message);
    return exitCode;
  }
}

/** Anything that went wrong in a step, as a failure in words and with an exit code. */
export function failureOf(error: unknown): StepFailure {
  if (error instanceof StepFailure) return error;
  if (error instanceof GitError) return gitFailure(error);
  return new StepFailure(explain(error), EXIT.failed, error);
}

/** What another attempt, or another node, may not run into again. */
const PASSING =
  /No space left|Disk quota exceeded|Input\/output error|Stale file handle|[Oo]ut of memory|Cannot allocate memory|Resource temporarily unavailable|unable to create thread/;

/** git has no reason to say something else when it is asked again, so most of its failures are final. */
function gitFailure(error: GitError): StepFailure {
  if (error.exitCode === undefined || PASSING.test(error.stderr)) {
    return new StepFailure(error.message, EXIT.failed, error);
  }
  const wayOut = 'All files are kept; look at the cause, then go on with agentteam retry.';
  return new StepFailure(`${error.message}\n${wayOut}`, EXIT.refused, error);
}

/** What went wrong, in a sentence for a person. */
export function explain(error: unknown): string {
  const storage = error instanceof StepFailure ? undefined : storageErrorOf(error);
  if (storage?.fault === 'full') {
    return `the team's volume is full (${reasonOf(storage)}); remove what fills it, or give it more room, and use agentteam retry`;
  }
  if (storage !== undefined) {
    return `the team's volume cannot be written (${reasonOf(storage)}); make it writable, and use agentteam retry`;
  }
  return error instanceof Error ? error.message : String(error);
}

function reasonOf({ cause, message }: StorageError): string {
  return cause instanceof Error ? cause.message : message;
}

/** The kubelet takes no more, and would take the end. */
const MOST_BYTES = 4096;

/** Leaves word why this container fails where Kubernetes looks for it. Nothing depends on it. */
export async function leaveWords(root: string, message: string): Promise<void> {
  const whole = Buffer.from(textFor('kubernetes', message));
  // Not with a part of a character at its end.
  const words = whole
    .subarray(0, MOST_BYTES)
    .toString()
    .replace(/\uFFFD$/, '');
  await writeFile(under(root, PATHS.terminationLog), words).catch(() => {});
}
