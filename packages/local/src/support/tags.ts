import type { DAGTask, Template, Workflow } from '@agentteam/argo';
import { parseDepends, tasksIn } from '../dag/depends.ts';
import { isExpression } from '../dag/when.ts';
import { FAILURES } from '../engine/failures.ts';

const TAG = /\{\{([^{}]*)\}\}/g;

/**
 * `{{…}}` that would stand for nothing, by path. Argo refuses such a Workflow, too; here a run would
 * break in the middle.
 */
export function unknownTags({ metadata, spec }: Workflow): readonly string[] {
  const templates = new Map(spec.templates?.map((template) => [template.name ?? '', template]));
  const atExit =
    templates.get(spec.onExit ?? '')?.dag?.tasks?.map(({ template }) => template) ?? [];
  const global = [
    'workflow.name',
    'workflow.status',
    ...(spec.arguments?.parameters ?? [])
      .filter(({ value }) => value !== undefined)
      .map(({ name }) => `workflow.parameters.${name}`),
    ...(metadata.namespace === undefined ? [] : ['workflow.namespace']),
    ...(metadata.uid === undefined ? [] : ['workflow.uid']),
  ];
  return [...templates.values()].flatMap((template) => {
    const path = `spec.templates[${template.name}]`;
    const tasks = template.dag?.tasks ?? [];
    const { dag: _dag, ...own } = template;
    const known = [
      ...global,
      ...(template.retryStrategy === undefined ? [] : ['retries']),
      ...(template.inputs?.parameters ?? []).map(({ name }) => `inputs.parameters.${name}`),
    ];
    // The expression of a retry is no template text: it is evaluated, and not substituted.
    const isKnown = (tag: string) =>
      known.includes(tag) || (atExit.includes(template.name) && FAILURES.test(tag));
    return [
      ...unknownIn({ ...own, retryStrategy: undefined }, isKnown, path),
      ...tasks.flatMap((task) => {
        const seen = [...global, ...taskTags(task, tasks, templates), ...expressionIn(task)];
        return unknownIn(task, (tag) => seen.includes(tag), `${path}.dag.tasks[${task.name}]`);
      }),
    ];
  });
}

/** An expression that the engine evaluates as a whole: whether it can is told elsewhere. */
function expressionIn({ when = '' }: DAGTask): readonly string[] {
  return isExpression(when) ? [when.slice(2, -2)] : [];
}

/** What a task may name of those that have ended before it begins. */
function taskTags(
  task: DAGTask,
  tasks: readonly DAGTask[],
  templates: ReadonlyMap<string, Template>,
): readonly string[] {
  return [...ancestors(task, tasks)].flatMap(({ name, template = '' }) => [
    `tasks.${name}.status`,
    ...(templates.get(template)?.outputs?.parameters ?? [])
      .filter(({ valueFrom }) => valueFrom?.default !== undefined)
      .map((parameter) => `tasks.${name}.outputs.parameters.${parameter.name}`),
  ]);
}

function ancestors(
  task: DAGTask,
  tasks: readonly DAGTask[],
  seen: Set<DAGTask> = new Set(),
): ReadonlySet<DAGTask> {
  const names = task.depends === undefined ? [] : tasksIn(parseDepends(task.depends));
  for (const before of tasks) {
    if (!names.includes(before.name) || seen.has(before)) continue;
    seen.add(before);
    ancestors(before, tasks, seen);
  }
  return seen;
}

function unknownIn(
  value: unknown,
  isKnown: (tag: string) => boolean,
  path: string,
): readonly string[] {
  if (typeof value === 'string') {
    const names = [...value.matchAll(TAG)].map(([, name = '']) => name.trim());
    const unknown = names.filter((name) => !isKnown(name)).map((name) => `{{${name}}}`);
    // Braces in braces, and those that do not close: Argo reads them in ways of its own.
    if (value.replaceAll(TAG, '').includes('{{')) unknown.push('{{ that is not a tag');
    return unknown.map((tag) => `${path}: ${tag}`);
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => unknownIn(item, isKnown, `${path}.${key}`));
}
