import type { ChildProcess } from 'node:child_process';
import type { ProcessIdentity } from './processes.ts';
import { readExitCode } from './supervisor.ts';

/** Exit code of a container that was killed before it could leave one (128 + SIGKILL). */
const KILLED = 137;

/** A container while the engine that started it lives. */
export class RunningContainer {
  readonly name: string;
  /** Its first process; undefined where the system does not tell it from later ones. */
  readonly supervisor: ProcessIdentity | undefined;
  /** Its exit code. @throws Error where it could not be started. */
  readonly ended: Promise<number>;
  readonly #child: ChildProcess;

  constructor(
    name: string,
    child: ChildProcess,
    exitFile: string,
    supervisor: ProcessIdentity | undefined,
  ) {
    this.name = name;
    this.supervisor = supervisor;
    this.#child = child;
    // A program that leaves without reading its input is no fault of the engine.
    child.stdin?.on('error', () => {});
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => resolve(readExitCode(exitFile) ?? code ?? KILLED));
    });
  }

  /** Its process id, while that cannot be another's: until the engine has taken note of its end. */
  get pid(): number | undefined {
    const { pid, exitCode, signalCode } = this.#child;
    return exitCode === null && signalCode === null ? pid : undefined;
  }
}
