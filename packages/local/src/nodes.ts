import { type NodeStatus, stepNameOf } from '@agentteam/argo';
import { wholeSeconds } from '@agentteam/contract';

export type Phase = NonNullable<NodeStatus['phase']>;

const FINAL: readonly string[] = ['Succeeded', 'Failed', 'Error', 'Skipped', 'Omitted'];

export function isFinal(node: NodeStatus | undefined): boolean {
  return node !== undefined && FINAL.includes(node.phase ?? '');
}

/** Argo's id of a node: the name of the Workflow and a hash of the node's name. */
export function nodeId(workflow: string, nodeName: string): string {
  return nodeName === workflow ? workflow : `${workflow}-${hashOf(nodeName)}`;
}

/** Argo's hash of a node's name: FNV-1a with 32 bits. */
export function hashOf(nodeName: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(nodeName)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** Argo's times are whole seconds. */
export function timestamp(date: Date = new Date()): string {
  return wholeSeconds(date);
}

/** Argo calls this FailedOrError. */
export function isFailure(node: NodeStatus | undefined): boolean {
  return node?.phase === 'Failed' || node?.phase === 'Error';
}

/** The name of a node's step, without the number of the attempt. */
export function stepOf(node: NodeStatus): string {
  return stepNameOf(node.displayName ?? node.name);
}
