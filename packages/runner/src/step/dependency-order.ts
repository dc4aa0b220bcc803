interface Node {
  readonly name: string;
  readonly dependsOn: readonly string[];
}

/**
 * Sorts nodes so that each comes after its dependencies, and otherwise keeps their order. There are
 * no cycles: the compiler refuses them.
 */
export function inDependencyOrder<T extends Node>(nodes: readonly T[]): readonly T[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const ordered = new Set<T>();
  const visit = (node: T, above: ReadonlySet<T>) => {
    if (ordered.has(node) || above.has(node)) return;
    for (const name of node.dependsOn) {
      const dependency = byName.get(name);
      if (dependency) visit(dependency, new Set([...above, node]));
    }
    ordered.add(node);
  };
  for (const node of nodes) visit(node, new Set());
  return [...ordered];
}
