import { table } from '../terminal/table.ts';
import type { DagTask } from './dag.ts';
import { stepTitle } from './step-title.ts';

export const GRAPH_FORMATS = ['text', 'mermaid', 'dot'] as const;
export type GraphFormat = (typeof GRAPH_FORMATS)[number];

/** Who waits for whom, as text with a line for each step. */
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
      isGate ? `  ${id(name)}{{"${name}"}}` : `  ${id(name)}["${name}"]`,
    ),
    ...edges(tasks, (from, to, label) =>
      label === '' ? `  ${id(from)} --> ${id(to)}` : `  ${id(from)} -- ${label} --> ${id(to)}`,
    ),
  ],

  dot: (tasks) => [
    'digraph team {',
    '  rankdir=LR;',
    '  node [shape=box, style=rounded];',
    ...tasks.filter(({ isGate }) => isGate).map(({ name }) => `  "${name}" [shape=diamond];`),
    ...edges(tasks, (from, to, label) =>
      label === '' ? `  "${from}" -> "${to}";` : `  "${from}" -> "${to}" [label="${label}"];`,
    ),
    '}',
  ],
};

/** What a task waits for, and the condition that it runs on. */
export function afterText({ after, condition }: Pick<DagTask, 'after' | 'condition'>): string {
  return `${after.map(stepTitle).join(', ')}${condition === undefined ? '' : ` (if ${condition})`}`;
}

/** Mermaid reads some words (`end`, `graph`) as its own: an id that is none of them. */
function id(name: string): string {
  return `s_${name.replaceAll('-', '_')}`;
}

/** An edge that counts under a condition alone is labelled with it. */
function edges(
  tasks: readonly DagTask[],
  write: (from: string, to: string, label: string) => string,
): readonly string[] {
  const gates = new Set(tasks.filter(({ isGate }) => isGate).map(({ name }) => name));
  return tasks.flatMap(({ name, after, condition = '' }) =>
    after.map((from) =>
      write(from, name, condition === 'approved' && !gates.has(from) ? '' : condition),
    ),
  );
}
