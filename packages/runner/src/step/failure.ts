import { writeFile } from 'node:fs/promises';
import { ENV, EXIT, type ExitCode, PATHS, under } from '@agentteam/contract';
import { textFor } from '@agentteam/text';
import { type StorageError, storageErrorOf } from '@agentteam/volume';
import { printError } from './print.ts';

/** Ends a step with a message for people and an exit code for Argo. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.failed, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.exitCode = exitCode;
  }
}

/**
 * Runs a step. An error is printed, written as the container's termination message, and turned into an exit
 * code.
 * @param work gets the directory that serves as `/`.
 * @returns the exit code.
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
    const expected = error instanceof StepFailure || storageErrorOf(error) !== undefined;
    const stack = error instanceof Error ? error.stack : String(error);
    printError(`${name}: ${expected ? message : stack}`);
    await writeTerminationMessage(root, message);
    return exitCode;
  }
}

/** Turns any error into a failure with a message and an exit code. */
export function failureOf(error: unknown): StepFailure {
  if (error instanceof StepFailure) return error;
  return new StepFailure(explain(error), EXIT.failed, error);
}

/** The embedded engine interrupts a run whose disk fails. On a cluster, the step fails. */
const CONTINUE = 'then run agentteam retry, or agentteam resume for a run on your own machine';

/** Describes an error in one sentence. */
export function explain(error: unknown): string {
  const storage = error instanceof StepFailure ? undefined : storageErrorOf(error);
  if (storage?.fault === 'full') {
    return `the team's volume is full (${reasonOf(storage)}); free or add space, ${CONTINUE}`;
  }
  if (storage?.fault === 'no-inodes') {
    return `the team's volume has no free inodes (${reasonOf(storage)}; df -i shows them): delete files there or enlarge it, ${CONTINUE}`;
  }
  if (storage !== undefined) {
    return `the team's volume cannot be written to (${reasonOf(storage)}); make it writable, ${CONTINUE}`;
  }
  return error instanceof Error ? error.message : String(error);
}

function reasonOf({ cause, message }: StorageError): string {
  return cause instanceof Error ? cause.message : message;
}

/** The kubelet's limit. Of a longer message it would keep the end. */
const MAX_BYTES = 4096;

/** Writes the container's termination message. Nothing depends on it, so a failure to write is ignored. */
export async function writeTerminationMessage(root: string, message: string): Promise<void> {
  const whole = Buffer.from(textFor('kubernetes', message));
  const cut = whole
    .subarray(0, MAX_BYTES)
    .toString()
    // The cut may leave part of a character at the end.
    .replace(/\uFFFD$/, '');
  await writeFile(under(root, PATHS.terminationLog), cut).catch(() => {});
}
