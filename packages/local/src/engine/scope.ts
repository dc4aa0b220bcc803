import type { NodeStatus, Template } from '@agentteam/argo';
import type { RunState } from './state.ts';

type Lookup = (name: string) => string | undefined;

/** What `{{…}}` can name anywhere in a Workflow. */
export function workflowScope(state: RunState): Lookup {
  const { metadata, status } = state.workflow;
  const values: Readonly<Record<string, string | undefined>> = {
    'workflow.name': metadata.name,
    'workflow.namespace': metadata.namespace,
    'workflow.uid': metadata.uid,
    'workflow.status': status?.phase,
  };
  return (name) => values[name];
}

/** What a DAG's task can name besides: ends and outputs of tasks that ended before it. */
export function taskScope(
  state: RunState,
  nodeOf: (task: string) => NodeStatus | undefined,
): Lookup {
  const outer = workflowScope(state);
  return (name) => {
    const match = /^tasks\.([\w-]+)\.(status|outputs\.parameters\.([\w-]+))$/.exec(name);
    if (match === null) return outer(name);
    const [, task = '', what, parameter] = match;
    const node = nodeOf(task);
    if (what === 'status') return node?.phase;
    return node?.outputs?.parameters?.find((candidate) => candidate.name === parameter)?.value;
  };
}

/** What a template's own text can name. `retries` has a value only where the template is retried. */
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
