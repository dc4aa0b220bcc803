import { type AgentSpec, type AgentState, formatPaths } from '@agentteam/contract';
import type { Task } from '@agentteam/volume';
import { type ConflictingWork, describeConflictingWork } from './conflicts.ts';
import { reportTexts } from './reports.ts';
import { taskList } from './task-list.ts';

export interface FirstPromptParts {
  /** All tasks of the team. */
  readonly tasks: readonly Task[];
  /** The final states of the agents that this agent depends on. */
  readonly dependencies: readonly AgentState[];
  readonly conflicting: readonly ConflictingWork[];
  /** For each path in the team file, and for `cwd`: the path on this machine. */
  readonly paths: ReadonlyMap<string, string>;
}

/** The first message of a session: the agent's prompt, its tasks, and what it starts from. */
export function firstPrompt(
  spec: AgentSpec,
  { tasks, dependencies, conflicting, paths }: FirstPromptParts,
): string {
  const own = tasks.filter((task) => task.owner === spec.name);
  return [
    spec.prompt,
    ...(own.length > 0 ? [`Your tasks: ${taskList(own)}`] : []),
    ...(dependencies.length > 0
      ? [`You start now because these agents have ended:\n\n${reportTexts(dependencies)}`]
      : []),
    ...(conflicting.length > 0 ? [describeConflictingWork(conflicting)] : []),
    formatPaths(paths),
  ].join('\n\n');
}
