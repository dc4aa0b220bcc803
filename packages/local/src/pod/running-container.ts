import type { ChildProcess } from 'node:child_process';
import type { ProcessIdentity } from './processes.ts';
import { readExitCode } from './supervisor.ts';

/** The exit code of a container that was killed together with its supervisor (128 + SIGKILL). */
const SIGKILL_CODE = 137;

/** A container that this engine has started. */
export class RunningContainer {
  readonly name: string;
  /** Its first process; undefined on a system without /proc. */
  readonly supervisor: ProcessIdentity | undefined;
  /** Resolves with its exit code. Rejects when it could not be started. */
  readonly ended: Promise<number>;
  /** Kills a container whose processes are not the engine's. */
  readonly remove: (() => Promise<void>) | undefined;
  readonly #child: ChildProcess;

  constructor(
    name: string,
    child: ChildProcess,
    exitFile: string,
    supervisor: ProcessIdentity | undefined,
    remove?: () => Promise<void>,
  ) {
    this.name = name;
    this.supervisor = supervisor;
    this.remove = remove;
    this.#child = child;
    // A program may end without reading its input.
    child.stdin?.on('error', () => {});
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => resolve(readExitCode(exitFile) ?? code ?? SIGKILL_CODE));
    });
  }

  /** The id of its first process; undefined after its end, when the id may belong to another process. */
  get pid(): number | undefined {
    const { pid, exitCode, signalCode } = this.#child;
    return exitCode === null && signalCode === null ? pid : undefined;
  }
}
