import { EXIT, type ExitCode } from '@agentteam/contract';

/** Ends a step with words for the person who reads its log, and an exit code for Argo. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.failed, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.exitCode = exitCode;
  }
}

/** Runs a step: what it throws goes to the log in words, and becomes its exit code. */
export async function runStep(name: string, work: () => Promise<void>): Promise<number> {
  try {
    await work();
    return EXIT.ok;
  } catch (error) {
    if (error instanceof StepFailure) {
      process.stderr.write(`${name}: ${error.message}\n`);
      return error.exitCode;
    }
    process.stderr.write(`${name}: ${error instanceof Error ? error.stack : String(error)}\n`);
    return EXIT.failed;
  }
}
