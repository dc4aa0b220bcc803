import type { ChildProcess } from 'node:child_process';
import type { ProcessIdentity } from './processes.ts';
import { readExitCode } from './supervisor.ts';

/** The exit code of a container that was killed together with its supervisor (128 + SIGKILL). */
const SIGKILL_CODE = 137;

interface StartedContainer {
  readonly name: string;
  readonly child: ChildProcess;
  readonly exitFile: string;
  readonly supervisor: ProcessIdentity | undefined;
  /** Resolves when what it has printed is in its log. Default: it is there at once. */
  readonly logged?: Promise<void> | undefined;
  /** For a container from an image. */
  readonly image?: { readonly remove: () => Promise<void>; readonly hasVolumes: boolean };
}

/** A container that this engine has started. */
export class RunningContainer {
  readonly name: string;
  /** Its first process; undefined on a system without /proc. */
  readonly supervisor: ProcessIdentity | undefined;
  /** Resolves with its exit code. Rejects when it could not be started. */
  readonly ended: Promise<number>;
  /** Kills a container whose processes are not the engine's. */
  readonly remove: (() => Promise<void>) | undefined;
  /** Whether it may take its time to end, because its files outlast it. */
  readonly hasVolumes: boolean;
  readonly #child: ChildProcess;

  constructor({ name, child, exitFile, supervisor, logged, image }: StartedContainer) {
    this.name = name;
    this.supervisor = supervisor;
    this.remove = image?.remove;
    this.hasVolumes = image?.hasVolumes ?? true;
    this.#child = child;
    // A program may end without reading its input.
    child.stdin?.on('error', () => {});
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', async (code) => {
        await logged;
        resolve(readExitCode(exitFile) ?? code ?? SIGKILL_CODE);
      });
    });
  }

  /** The id of its first process; undefined after its end, when the id may belong to another process. */
  get pid(): number | undefined {
    const { pid, exitCode, signalCode } = this.#child;
    return exitCode === null && signalCode === null ? pid : undefined;
  }
}
