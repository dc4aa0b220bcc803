import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  OWN_DIRECTORY,
  type RunDirectory,
  readPlainFile,
  runDirectory,
  writeDurably,
} from './run-directory.ts';

/** A command to a run. It is a file in the run's directory, so it works whether or not an engine runs. */
export type RunCommand =
  | { readonly kind: 'stop'; readonly strategy: ShutdownStrategy }
  | { readonly kind: 'suspend'; readonly suspend: boolean };

type ShutdownStrategy = 'Stop' | 'Terminate';

/** Stops a run. `Stop` lets the exit handler run, `Terminate` does not. */
export function stop(root: string, strategy: ShutdownStrategy = 'Stop'): void {
  leave(root, { kind: 'stop', strategy });
}

/**
 * Suspends a run, or lets it continue. As in Argo, steps that are running go on, and no other step begins.
 * Time limits do not count the time in which a run is suspended.
 */
export function suspend(root: string, isSuspended: boolean): void {
  leave(root, { kind: 'suspend', suspend: isSuspended });
}

/** The number of commands of this process: several can be given within a millisecond. */
let given = 0;

function leave(root: string, command: RunCommand): void {
  const { commands } = runDirectory(root);
  mkdirSync(commands, { recursive: true, mode: OWN_DIRECTORY });
  given += 1;
  const order = `${Date.now()}-${String(given).padStart(9, '0')}`;
  writeDurably(join(commands, `${order}-${randomUUID()}.json`), JSON.stringify(command));
}

/** The commands that were not applied yet, oldest first. `command` is undefined for an unreadable file. */
export function pendingCommands(
  directory: RunDirectory,
): readonly { readonly command: RunCommand | undefined; readonly remove: () => void }[] {
  let names: readonly string[];
  try {
    names = readdirSync(directory.commands);
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(directory.commands, name))
    .map((path) => ({
      command: readCommand(path),
      remove: () => rmSync(path, { force: true }),
    }));
}

function readCommand(path: string): RunCommand | undefined {
  try {
    return JSON.parse(readPlainFile(path)) as RunCommand;
  } catch {
    return undefined;
  }
}
