import type { Workflow } from '@agentteam/argo';
import { isGateStep, STEPS } from '@agentteam/contract';

/** A task of a Workflow's entrypoint, and what it waits for. */
export interface DagTask {
  readonly name: string;
  readonly template: string;
  /** Names of tasks, in the order of its `depends`, each once. */
  readonly after: readonly string[];
  readonly isGate: boolean;
  /** On what it depends whether it runs at all, in words; absent: it always does. */
  readonly condition?: 'approved' | 'somebody is missing';
  /** Longest way here from a task that waits for nothing: 0 for the first. */
  readonly level: number;
}

/** The tasks of the entrypoint, in the order of the file. */
export function readDag(workflow: Workflow): readonly DagTask[] {
  const { templates = [], entrypoint } = workflow.spec;
  const tasks = templates.find(({ name }) => name === entrypoint)?.dag?.tasks ?? [];
  const names = new Set(tasks.map(({ name }) => name));
  const plain = tasks.map(({ name, template, depends, when }) => ({
    name,
    template: template ?? '',
    after: dependencies(depends ?? '', names),
    isGate: isGateStep(name),
    ...(when === undefined ? {} : { condition: 'approved' as const }),
    ...(name === STEPS.rollCall ? { condition: 'somebody is missing' as const } : {}),
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

/** Task names in a `depends` expression such as `Lead.Succeeded && (a.Failed || b)`. */
function dependencies(expression: string, names: ReadonlySet<string>): readonly string[] {
  const words = expression.match(/[A-Za-z0-9][A-Za-z0-9_-]*/g) ?? [];
  return [...new Set(words)].filter((word) => names.has(word));
}
