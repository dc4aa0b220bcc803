import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Decision } from '@agentteam/contract';
import {
  loadWorkflow,
  OWN_DIRECTORY,
  type RunDirectory,
  runDirectory,
  writeDurably,
} from './run-directory.ts';

/** What other processes ask of a run, as files: they work whether the engine runs or not. */
export type RunCommand =
  | {
      readonly kind: 'decide';
      /** Name of the suspended step. */
      readonly step: string;
      readonly decision: Decision;
      readonly by: string;
      readonly reason: string;
      /** What opens a gate that only a controller can open. */
      readonly proof?: string;
    }
  | { readonly kind: 'stop'; readonly strategy: 'Stop' | 'Terminate' };

/**
 * Answers a gate. A gate that has not opened yet takes the answer when it does.
 * @throws RangeError when the run has no such gate, or when it was answered already.
 */
export function decide(
  root: string,
  step: string,
  decision: Decision,
  who: { readonly by: string; readonly reason?: string; readonly proof?: string },
): void {
  const directory = runDirectory(root);
  const workflow = loadWorkflow(directory);
  const templates = new Map(workflow.spec.templates?.map((template) => [template.name, template]));
  const gates = [...templates.values()]
    .flatMap((template) => template.dag?.tasks ?? [])
    .filter((task) => templates.get(task.template ?? '')?.suspend !== undefined)
    .map((task) => task.name);
  if (!gates.includes(step)) {
    const known = gates.length === 0 ? 'it has none' : `its gates: ${gates.join(', ')}`;
    throw new RangeError(`this run has no gate ${step}; ${known}`);
  }
  const node = Object.values(workflow.status?.nodes ?? {}).find((n) => n.displayName === step);
  if (node !== undefined && node.phase !== 'Running') {
    throw new RangeError(`${step} is ${node.phase} already`);
  }
  const { by, reason = '', proof } = who;
  post(directory, {
    ...{ kind: 'decide', step, decision, by, reason },
    ...(proof !== undefined && { proof }),
  });
}

/** Ends a run: `Stop` still runs the exit handler, `Terminate` does not. */
export function stop(root: string, strategy: 'Stop' | 'Terminate' = 'Stop'): void {
  post(runDirectory(root), { kind: 'stop', strategy });
}

function post(directory: RunDirectory, command: RunCommand): void {
  mkdirSync(directory.commands, { recursive: true, mode: OWN_DIRECTORY });
  const name = `${Date.now()}-${randomUUID()}.json`;
  writeDurably(join(directory.commands, name), JSON.stringify(command));
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
