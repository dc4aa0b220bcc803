import type { DAGTask, Template, Workflow } from '@agentteam/argo';
import { PATHS } from '@agentteam/contract';
import { parseDepends, tasksIn } from '../dag/depends.ts';
import { secondsOf } from '../dag/duration.ts';
import { isSupportedWhen } from '../dag/when.ts';
import { isReadableExpression } from '../engine/retry-policy.ts';

/** Names that lead nowhere, and texts that cannot be evaluated, by path. */
export function graphProblems({ spec }: Workflow): readonly string[] {
  const templates = new Map(spec.templates?.map((template) => [template.name ?? '', template]));
  return [
    ...(templates.get(spec.entrypoint ?? '')?.dag
      ? []
      : ['spec.entrypoint: a template with a dag']),
    ...(spec.onExit === undefined || templates.get(spec.onExit)?.dag
      ? []
      : ['spec.onExit: a template with a dag']),
    ...[...templates.values()].flatMap((template) => {
      const path = `spec.templates[${template.name}]`;
      return [...templateProblems(template, path), ...dagProblems(template, templates, path)];
    }),
  ];
}

function templateProblems(template: Template, path: string): readonly string[] {
  const { dag, suspend, container, retryStrategy } = template;
  const kinds = [dag, suspend, container].filter(Boolean).length;
  const outputs = template.outputs?.parameters ?? [];
  const expression = retryStrategy?.expression;
  return [
    ...(kinds === 1 ? [] : [`${path}: a template is one of dag, suspend and container`]),
    ...(retryStrategy === undefined || container
      ? []
      : [`${path}.retryStrategy: only for a container`]),
    ...(expression === undefined || isReadableExpression(expression)
      ? []
      : [`${path}.retryStrategy.expression: ${expression}`]),
    ...(suspend?.duration === undefined || isDuration(suspend.duration)
      ? []
      : [`${path}.suspend.duration: ${suspend.duration}`]),
    ...outputs
      .filter(({ valueFrom }) => valueFrom?.default === undefined)
      .map(({ name }) => `${path}.outputs.parameters[${name}]: a value without a default`),
    // Outputs have a directory of their own: nothing is read of what else a container has.
    ...outputs
      .filter(({ valueFrom }) => valueFrom?.path?.startsWith(`${PATHS.outputs}/`) === false)
      .map(({ name }) => `${path}.outputs.parameters[${name}]: a file outside ${PATHS.outputs}`),
  ];
}

function dagProblems(
  { dag }: Template,
  templates: ReadonlyMap<string, Template>,
  path: string,
): readonly string[] {
  if (dag === undefined) return [];
  const tasks = dag.tasks ?? [];
  const names = tasks.map(({ name }) => name);
  const targets = dag.target?.split(' ') ?? [];
  return [
    ...(dag.failFast === false ? [] : [`${path}.dag.failFast: only false`]),
    ...(names.every((name) => targets.includes(name)) && targets.length === names.length
      ? []
      : [`${path}.dag.target: only all tasks`]),
    ...names
      .filter((name, index) => names.indexOf(name) !== index)
      .map((name) => `${path}.dag.tasks[${name}]: a name given twice`),
    ...tasks.flatMap((task) =>
      taskProblems(task, names, templates, `${path}.dag.tasks[${task.name}]`),
    ),
    ...(isAcyclic(tasks) ? [] : [`${path}.dag: tasks that wait for each other`]),
  ];
}

function taskProblems(
  { template = '', when, depends }: DAGTask,
  names: readonly string[],
  templates: ReadonlyMap<string, Template>,
  path: string,
): readonly string[] {
  const found = templates.get(template);
  return [
    ...(found === undefined ? [`${path}.template: there is no ${template}`] : []),
    ...(found?.dag === undefined ? [] : [`${path}.template: a dag in a dag`]),
    ...(when === undefined || isSupportedWhen(when) ? [] : [`${path}.when: ${when}`]),
    ...dependsProblems(depends, names).map((problem) => `${path}.depends: ${problem}`),
  ];
}

function dependsProblems(depends: string | undefined, names: readonly string[]): readonly string[] {
  if (depends === undefined) return [];
  try {
    return tasksIn(parseDepends(depends))
      .filter((name) => !names.includes(name))
      .map((name) => `there is no task ${name}`);
  } catch (error) {
    return [(error as Error).message];
  }
}

/** Whether the tasks can be brought into an order. Texts that cannot be read are told of elsewhere. */
function isAcyclic(tasks: readonly DAGTask[]): boolean {
  const names = tasks.map(({ name }) => name);
  let waiting = tasks.filter(({ depends }) => dependsProblems(depends, names).length === 0);
  for (;;) {
    const held = new Set(waiting.map(({ name }) => name));
    const next = waiting.filter(
      ({ depends }) =>
        depends !== undefined && tasksIn(parseDepends(depends)).some((name) => held.has(name)),
    );
    if (next.length === 0) return true;
    if (next.length === waiting.length) return false;
    waiting = next;
  }
}

function isDuration(text: string): boolean {
  try {
    return secondsOf(text) >= 0;
  } catch {
    return false;
  }
}
