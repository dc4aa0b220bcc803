import { CLI_EXIT } from './exit.ts';

/** An error made for the person at the terminal: what is wrong, and the way out. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exitCode: number;
  /** What to do now, in words or as a command; absent where the message says it. */
  readonly wayOut: string | undefined;

  constructor(message: string, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exitCode = options.exitCode ?? CLI_EXIT.failed;
    this.wayOut = options.wayOut;
  }
}

export interface FailureOptions {
  readonly exitCode?: number;
  readonly wayOut?: string;
  readonly cause?: unknown;
}

/** A {@link Failure} for wrong arguments or an invalid file. */
export function usageError(message: string, wayOut?: string): Failure {
  return new Failure(message, {
    exitCode: CLI_EXIT.usage,
    ...(wayOut === undefined ? {} : { wayOut }),
  });
}
