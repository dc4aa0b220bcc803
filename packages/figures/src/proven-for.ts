import { createHmac } from 'node:crypto';

/** The run that figures belong to. A proof for one run is not valid for another, although both use the same key. */
export interface ProvenFor {
  readonly namespace: string;
  readonly team: string;
  /** UID of the Workflow. */
  readonly run: string;
}

/** What is proven. Each purpose has its own key. */
export type Purpose = 'question' | 'answer' | 'order' | 'person' | 'totals';

/** Derives the key for one purpose, run and agent from the namespace's key. */
export function keyFor(
  key: string,
  purpose: Purpose,
  { namespace, team, run }: ProvenFor,
  agent = '',
): Buffer {
  // JSON keeps different contexts from having the same bytes.
  const context = JSON.stringify(['agentteam-figures-v1', purpose, namespace, team, run, agent]);
  return createHmac('sha256', key).update(context).digest();
}
