import { CLI_EXIT } from './exit.ts';

/** An error for the person at the terminal. It is printed without a stack trace. */
export class Failure extends Error {
  override readonly name = 'Failure';
  /** Exit code of the process. */
  readonly exitCode: number;
  /** What the user can do about it; absent where the message says so. */
  readonly hint: string | undefined;

  constructor(message: string, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exitCode = options.exitCode ?? CLI_EXIT.failed;
    this.hint = options.hint;
  }
}

export interface FailureOptions {
  readonly exitCode?: number;
  readonly hint?: string;
  readonly cause?: unknown;
}

/** A {@link Failure} for wrong arguments or an invalid file. */
export function usageError(message: string, hint?: string): Failure {
  return new Failure(message, {
    exitCode: CLI_EXIT.usage,
    ...(hint !== undefined && { hint }),
  });
}
