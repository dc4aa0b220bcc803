import type { NodeStatus, Template } from '@agentteam/argo';
import { encodedFailures } from '../expressions/workflow-failures.ts';
import type { RunState } from './state.ts';

type Lookup = (name: string) => string | undefined;

/** The variables that are available everywhere in a Workflow. */
function workflowScope(state: RunState): Lookup {
  const { metadata, spec, status } = state.workflow;
  const parameters = new Map(spec.arguments?.parameters?.map(({ name, value }) => [name, value]));
  const values: Readonly<Record<string, () => string | undefined>> = {
    'workflow.name': () => metadata.name,
    'workflow.namespace': () => metadata.namespace,
    'workflow.uid': () => metadata.uid,
    'workflow.status': () => status?.phase,
  };
  return (name) => {
    const [, parameter] = /^workflow\.parameters\.([\w-]+)$/.exec(name) ?? [];
    if (parameter !== undefined) return parameters.get(parameter);
    return values[name]?.() ?? encodedFailures(name, state.workflow);
  };
}

/**
 * The variables of a DAG's task: those of the Workflow, and the phases and outputs of tasks that ended
 * before. A task that was skipped or killed has the default outputs of its template.
 */
export function taskScope(
  state: RunState,
  nodeOf: (task: string) => NodeStatus | undefined,
  templateOf: (task: string) => string | undefined,
): Lookup {
  const outer = workflowScope(state);
  return (name) => {
    const match = /^tasks\.([\w-]+)\.(status|outputs\.parameters\.([\w-]+))$/.exec(name);
    if (match === null) return outer(name);
    const [, task = '', what, parameter] = match;
    const node = nodeOf(task);
    if (what === 'status') return node?.phase;
    const given = node?.outputs?.parameters?.find((candidate) => candidate.name === parameter);
    return given?.value ?? declaredDefault(state, templateOf(task), parameter);
  };
}

function declaredDefault(
  state: RunState,
  template: string | undefined,
  parameter: string | undefined,
): string | undefined {
  const declared = state.templates.get(template ?? '')?.outputs?.parameters;
  return declared?.find(({ name }) => name === parameter)?.valueFrom?.default;
}

/** The variables of a template. `retries` is available only in a template with a retry strategy. */
export function templateScope(
  state: RunState,
  template: Template,
  inputs: NodeStatus['inputs'],
  attempt: number,
): Lookup {
  const outer = workflowScope(state);
  return (name) => {
    if (name === 'retries') return template.retryStrategy && String(attempt);
    const [, parameter] = /^inputs\.parameters\.([\w-]+)$/.exec(name) ?? [];
    if (parameter === undefined) return outer(name);
    const given = inputs?.parameters?.find((candidate) => candidate.name === parameter);
    return given?.value ?? given?.default;
  };
}
