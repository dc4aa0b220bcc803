import { eventOfGateStep, isGateStep, isRecord, plainText, STEPS } from '@agentteam/contract';

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

const MOST_TASKS = 256;
const LONGEST_NAME = 256;
const LONGEST_EXPRESSION = 16_384;

/**
 * Reads the tasks of the entrypoint, in the order of the Workflow. Its spec may contain any JSON: the API
 * server validates only the metadata of Workflows.
 */
export function readDag({ spec }: { readonly spec?: unknown }): readonly DagTask[] {
  const tasks = entrypointTasks(spec);
  const names = new Set(tasks.map(({ name }) => name));
  const plain = tasks.map(({ name, template, depends, isConditional }) => ({
    name,
    template,
    after: dependencies(depends, names),
    isGate: isGateStep(name),
    ...(isConditional && { condition: 'approved' as const }),
    ...(name === STEPS.rollCall && { condition: 'teammate-missing' as const }),
  }));
  const afterOf = new Map(plain.map(({ name, after }) => [name, after]));
  const levels = new Map<string, number>();
  const levelOf = (name: string): number => {
    const known = levels.get(name);
    if (known !== undefined) return known;
    // Ends the search where someone has written a cycle, which Argo refuses.
    levels.set(name, 0);
    const level = Math.max(-1, ...(afterOf.get(name) ?? []).map(levelOf)) + 1;
    levels.set(name, level);
    return level;
  };
  return plain.map((task) => ({ ...task, level: levelOf(task.name) }));
}

interface EntrypointTask {
  readonly name: string;
  readonly template: string;
  readonly depends: string;
  readonly isConditional: boolean;
}

function entrypointTasks(spec: unknown): readonly EntrypointTask[] {
  if (!isRecord(spec)) return [];
  const { templates, entrypoint } = spec;
  const all: readonly unknown[] = Array.isArray(templates) ? templates.slice(0, MOST_TASKS) : [];
  const entry = all.find((one) => isRecord(one) && one['name'] === entrypoint);
  const dag = isRecord(entry) ? entry['dag'] : undefined;
  const tasks: unknown = isRecord(dag) ? dag['tasks'] : undefined;
  if (!Array.isArray(tasks)) return [];
  return tasks.slice(0, MOST_TASKS).flatMap((task: unknown) => {
    if (!isRecord(task) || typeof task['name'] !== 'string') return [];
    return [
      {
        name: plainText(task['name'], LONGEST_NAME),
        template: textOf(task['template'], LONGEST_NAME),
        depends: textOf(task['depends'], LONGEST_EXPRESSION),
        isConditional: task['when'] !== undefined,
      },
    ];
  });
}

function textOf(value: unknown, longest: number): string {
  return typeof value === 'string' ? value.slice(0, longest) : '';
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
