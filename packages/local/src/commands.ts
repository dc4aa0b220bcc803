import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { OWN_DIRECTORY, type RunDirectory, runDirectory, writeDurably } from './run-directory.ts';

/** What other processes ask of a run, as files: they work whether the engine runs or not. */
export interface RunCommand {
  readonly kind: 'stop';
  readonly strategy: 'Stop' | 'Terminate';
}

/** Ends a run: `Stop` still runs the exit handler, `Terminate` does not. */
export function stop(root: string, strategy: RunCommand['strategy'] = 'Stop'): void {
  const { commands } = runDirectory(root);
  mkdirSync(commands, { recursive: true, mode: OWN_DIRECTORY });
  const command: RunCommand = { kind: 'stop', strategy };
  writeDurably(join(commands, `${Date.now()}-${randomUUID()}.json`), JSON.stringify(command));
}

/** Commands that wait, oldest first; `done` removes one. What cannot be read is no command. */
export function pendingCommands(
  directory: RunDirectory,
): readonly { readonly command: RunCommand | undefined; readonly done: () => void }[] {
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
      done: () => rmSync(path, { force: true }),
    }));
}

function readCommand(path: string): RunCommand | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as RunCommand;
  } catch {
    return undefined;
  }
}
