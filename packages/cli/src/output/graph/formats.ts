import { type DagTask, stepTitle, type TaskCondition } from '@agentteam/status';
import { table } from '../terminal/table.ts';

export const GRAPH_FORMATS = ['text', 'mermaid', 'dot'] as const;
export type GraphFormat = (typeof GRAPH_FORMATS)[number];

const CONDITIONS: Readonly<Record<TaskCondition, string>> = {
  approved: 'approved',
  'teammate-missing': 'a teammate is missing',
};

/** Draws the order of the steps. */
export const formatGraph: Readonly<
  Record<GraphFormat, (tasks: readonly DagTask[]) => readonly string[]>
> = {
  text: (tasks) => {
    const ordered = tasks.toSorted((a, b) => a.level - b.level);
    const rows = ordered.map((task, index) => [
      ordered[index - 1]?.level === task.level ? '' : String(task.level + 1),
      `${task.isGate ? '◆ ' : ''}${stepTitle(task.name)}`,
      afterText(task),
    ]);
    return table([{ title: '' }, { title: 'STEP' }, { title: 'AFTER' }], rows);
  },

  mermaid: (tasks) => [
    'flowchart LR',
    ...tasks.map(({ name, isGate }) =>
      isGate ? `  ${id(name)}{{"${stepTitle(name)}"}}` : `  ${id(name)}["${stepTitle(name)}"]`,
    ),
    ...edges(tasks, (from, to, label) =>
      label === '' ? `  ${id(from)} --> ${id(to)}` : `  ${id(from)} -- ${label} --> ${id(to)}`,
    ),
  ],

  dot: (tasks) => [
    'digraph team {',
    '  rankdir=LR;',
    '  node [shape=box, style=rounded];',
    ...tasks.map(
      ({ name, isGate }) => `  "${stepTitle(name)}"${isGate ? ' [shape=diamond]' : ''};`,
    ),
    ...edges(tasks, (from, to, label) => {
      const edge = `"${stepTitle(from)}" -> "${stepTitle(to)}"`;
      return label === '' ? `  ${edge};` : `  ${edge} [label="${label}"];`;
    }),
    '}',
  ],
};

/** The steps that a task waits for, and its condition: `researcher (if approved)`. */
export function afterText({ after, condition }: Pick<DagTask, 'after' | 'condition'>): string {
  const suffix = condition === undefined ? '' : ` (if ${CONDITIONS[condition]})`;
  return `${after.map(stepTitle).join(', ')}${suffix}`;
}

/** A prefix keeps ids apart from the keywords of Mermaid, such as `end` and `graph`. */
function id(name: string): string {
  return `s_${name.replaceAll('-', '_')}`;
}

/** Writes the edges. An edge of a task with a condition has a label; an approval labels its gate's edge. */
function edges(
  tasks: readonly DagTask[],
  write: (from: string, to: string, label: string) => string,
): readonly string[] {
  const gates = new Set(tasks.filter(({ isGate }) => isGate).map(({ name }) => name));
  return tasks.flatMap(({ name, after, condition }) =>
    after.map((from) => {
      const isLabelled = condition !== undefined && (condition !== 'approved' || gates.has(from));
      return write(from, name, isLabelled ? CONDITIONS[condition] : '');
    }),
  );
}
