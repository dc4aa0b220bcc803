import type { Workflow } from '@agentteam/argo';
import { eventOfGateStep, isGateStep, STEPS } from '@agentteam/contract';

/** A task of a Workflow's entrypoint. */
export interface DagTask {
  readonly name: string;
  readonly template: string;
  /** Names of the tasks that it waits for, in the order of `depends`, without duplicates. */
  readonly after: readonly string[];
  readonly isGate: boolean;
  /** When the task runs; absent for a task that always runs. */
  readonly condition?: TaskCondition;
  /** Length of the longest path from a task without dependencies: 0 for the first tasks. */
  readonly level: number;
}

export type TaskCondition = 'approved' | 'teammate-missing';

/** Reads the tasks of the entrypoint, in the order of the Workflow. */
export function readDag(workflow: Workflow): readonly DagTask[] {
  const { templates = [], entrypoint } = workflow.spec;
  const tasks = templates.find(({ name }) => name === entrypoint)?.dag?.tasks ?? [];
  const names = new Set(tasks.map(({ name }) => name));
  const plain = tasks.map(({ name, template, depends, when }) => ({
    name,
    template: template ?? '',
    after: dependencies(depends ?? '', names),
    isGate: isGateStep(name),
    ...(when !== undefined && { condition: 'approved' as const }),
    ...(name === STEPS.rollCall && { condition: 'teammate-missing' as const }),
  }));
  const afterOf = new Map(plain.map(({ name, after }) => [name, after]));
  const levels = new Map<string, number>();
  const levelOf = (name: string): number => {
    const known = levels.get(name);
    if (known !== undefined) return known;
    const level = Math.max(-1, ...(afterOf.get(name) ?? []).map(levelOf)) + 1;
    levels.set(name, level);
    return level;
  };
  return plain.map((task) => ({ ...task, level: levelOf(task.name) }));
}

/** Finds the task names in a `depends` expression such as `Lead.Succeeded && (a.Failed || b)`. */
function dependencies(expression: string, names: ReadonlySet<string>): readonly string[] {
  const words = expression.match(/[A-Za-z0-9][A-Za-z0-9_-]*/g) ?? [];
  return [...new Set(words)].filter((word) => names.has(word));
}

/** The name of a step for people. The steps of teammates have the names of the teammates. */
export function stepTitle(step: string): string {
  if (isGateStep(step)) return `approval of ${eventOfGateStep(step)}`;
  return step === STEPS.lead ? 'lead' : step;
}
