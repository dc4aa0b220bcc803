import type { DAGTemplate, NodeStatus } from '@agentteam/argo';
import { parseDepends, tasksIn } from '../expressions/depends.ts';

type End = 'Succeeded' | 'Failed' | 'Error';

/**
 * The phase of a DAG whose tasks have all ended: that of the last task in `target` that failed, or
 * `Succeeded`. A skipped or omitted task counts as the tasks it depended on (Argo's assessDAGPhase in
 * dag.go).
 */
export function dagPhase(
  { tasks, target = '' }: DAGTemplate,
  nodeOf: (task: string) => NodeStatus | undefined,
): End {
  const dependsOf = new Map(tasks?.map(({ name, depends }) => [name, depends]));
  const known = new Map<string, End>();
  const endOf = (name: string): End => {
    const end = known.get(name) ?? assess(name);
    known.set(name, end);
    return end;
  };
  const assess = (name: string): End => {
    const phase = nodeOf(name)?.phase;
    if (phase === 'Succeeded' || phase === 'Failed' || phase === 'Error') return phase;
    const depends = dependsOf.get(name);
    const before = depends === undefined ? [] : tasksIn(parseDepends(depends));
    return before.map(endOf).find((end) => end !== 'Succeeded') ?? 'Succeeded';
  };
  const bad = target
    .split(' ')
    .map(endOf)
    .filter((end) => end !== 'Succeeded');
  return bad.at(-1) ?? 'Succeeded';
}
