import type { NodeStatus, WorkflowStatus } from '@agentteam/argo';

type Nodes = Readonly<Record<string, NodeStatus>>;
type Count = readonly [done: number, total: number];

/** Types of nodes that have their own progress. That of other nodes is the sum over their descendants. */
const LEAF_TYPES: readonly string[] = ['Pod', 'Suspend'];

/** Computes the progress of every node and of the Workflow as Argo does (workflow/progress/updater.go). */
export function withProgress(
  nodes: Nodes,
): Required<Pick<WorkflowStatus, 'progress'>> & { readonly nodes: Record<string, NodeStatus> } {
  const own = new Map(
    Object.values(nodes)
      .filter(({ type }) => LEAF_TYPES.includes(type ?? ''))
      .map((node) => [node.id, ownProgress(node)]),
  );
  const counted = Object.values(nodes).map((node): NodeStatus => {
    const count =
      own.get(node.id) ?? sum([...descendants(node, nodes)].flatMap((id) => [own.get(id)]));
    return count[1] === 0 ? node : { ...node, progress: count.join('/') };
  });
  return {
    nodes: Object.fromEntries(counted.map((node) => [node.id, node])),
    progress: sum([...own.values()]).join('/'),
  };
}

function ownProgress({ progress = '0/1', phase }: NodeStatus): Count {
  const [done = 0, total = 1] = progress.split('/').map(Number);
  return [phase === 'Succeeded' ? total : done, total];
}

function descendants(
  node: NodeStatus,
  nodes: Nodes,
  seen: Set<string> = new Set(),
): ReadonlySet<string> {
  for (const child of node.children ?? []) {
    const childNode = nodes[child];
    if (childNode === undefined || seen.has(child)) continue;
    seen.add(child);
    descendants(childNode, nodes, seen);
  }
  return seen;
}

function sum(counts: readonly (Count | undefined)[]): Count {
  return counts.reduce<Count>(
    ([done, total], count) => [done + (count?.[0] ?? 0), total + (count?.[1] ?? 0)],
    [0, 0],
  );
}
