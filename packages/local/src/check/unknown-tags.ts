import type { DAGTask, Template, Workflow } from '@agentteam/argo';
import { parseDepends, tasksIn } from '../expressions/depends.ts';
import { isExpression } from '../expressions/when.ts';
import { isFailuresTag } from '../expressions/workflow-failures.ts';

const TAG = /\{\{([^{}]*)\}\}/g;

/**
 * Tags `{{…}}` that name no known variable, each with its path. Argo refuses such a Workflow, too. Without
 * this check, a run would fail when it reaches the tag.
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
    // `retryStrategy.expression` is evaluated instead of being substituted, so it has no tags.
    const isKnown = (tag: string) =>
      known.includes(tag) || (atExit.includes(template.name) && isFailuresTag(tag));
    return [
      ...unknownIn({ ...own, retryStrategy: undefined }, isKnown, path),
      ...tasks.flatMap((task) => {
        const seen = [...global, ...taskTags(task, tasks, templates), ...expressionIn(task)];
        return unknownIn(task, (tag) => seen.includes(tag), `${path}.dag.tasks[${task.name}]`);
      }),
    ];
  });
}

/** The engine evaluates such an expression as a whole; graph-problems.ts checks that it can. */
function expressionIn({ when = '' }: DAGTask): readonly string[] {
  return isExpression(when) ? [when.slice(2, -2)] : [];
}

/** Tags of the tasks that have ended before this task starts. */
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
    // Nested and unclosed braces: Argo parses them in its own way.
    if (value.replaceAll(TAG, '').includes('{{')) unknown.push('{{ without a tag');
    return unknown.map((tag) => `${path}: ${tag}`);
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => unknownIn(item, isKnown, `${path}.${key}`));
}
