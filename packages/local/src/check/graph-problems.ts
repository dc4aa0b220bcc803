import type { DAGTask, Template, Workflow } from '@agentteam/argo';
import { PATHS } from '@agentteam/contract';
import { parseDepends, tasksIn } from '../expressions/depends.ts';
import { secondsOf } from '../expressions/duration.ts';
import { isSupportedRetryExpression } from '../expressions/retry-expression.ts';
import { isSupportedWhen } from '../expressions/when.ts';

/** Unknown names, and expressions that the engine cannot evaluate; each with its path. */
export function graphProblems({ spec }: Workflow): readonly string[] {
  const templates = new Map(spec.templates?.map((template) => [template.name ?? '', template]));
  return [
    ...(templates.get(spec.entrypoint ?? '')?.dag
      ? []
      : ['spec.entrypoint: only a template with a dag is supported']),
    ...(spec.onExit === undefined || templates.get(spec.onExit)?.dag
      ? []
      : ['spec.onExit: only a template with a dag is supported']),
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
    ...(kinds === 1
      ? []
      : [`${path}: a template must have exactly one of dag, suspend and container`]),
    ...(retryStrategy === undefined || container
      ? []
      : [`${path}.retryStrategy: only supported with a container`]),
    ...(expression === undefined || isSupportedRetryExpression(expression)
      ? []
      : [`${path}.retryStrategy.expression: cannot evaluate ${expression}`]),
    ...(suspend?.duration === undefined || isDuration(suspend.duration)
      ? []
      : [`${path}.suspend.duration: ${suspend.duration} is not a duration`]),
    ...outputs
      .filter(({ valueFrom }) => valueFrom?.default === undefined)
      .map(({ name }) => `${path}.outputs.parameters[${name}]: the output needs a default`),
    // The engine reads outputs from this directory only.
    ...outputs
      .filter(({ valueFrom }) => valueFrom?.path?.startsWith(`${PATHS.outputs}/`) === false)
      .map(
        ({ name }) =>
          `${path}.outputs.parameters[${name}]: only a file below ${PATHS.outputs} is supported`,
      ),
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
    ...(dag.failFast === false ? [] : [`${path}.dag.failFast: only false is supported`]),
    ...(names.every((name) => targets.includes(name)) && targets.length === names.length
      ? []
      : [`${path}.dag.target: must list all tasks`]),
    ...names
      .filter((name, index) => names.indexOf(name) !== index)
      .map((name) => `${path}.dag.tasks[${name}]: another task has the same name`),
    ...tasks.flatMap((task) =>
      taskProblems(task, names, templates, `${path}.dag.tasks[${task.name}]`),
    ),
    ...(isAcyclic(tasks) ? [] : [`${path}.dag: the tasks depend on each other in a cycle`]),
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
    ...(found === undefined ? [`${path}.template: unknown template ${template}`] : []),
    ...(found?.dag === undefined ? [] : [`${path}.template: a dag inside a dag is not supported`]),
    ...(when === undefined || isSupportedWhen(when)
      ? []
      : [`${path}.when: cannot evaluate ${when}`]),
    ...dependsProblems(depends, names).map((problem) => `${path}.depends: ${problem}`),
  ];
}

function dependsProblems(depends: string | undefined, names: readonly string[]): readonly string[] {
  if (depends === undefined) return [];
  try {
    return tasksIn(parseDepends(depends))
      .filter((name) => !names.includes(name))
      .map((name) => `unknown task ${name}`);
  } catch (error) {
    return [(error as Error).message];
  }
}

/** Ignores tasks whose `depends` is invalid: they are reported separately. */
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
