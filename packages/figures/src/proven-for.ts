import { createHmac } from 'node:crypto';

/** Which run figures are of: proof for one is none for another, though both have one key. */
export interface ProvenFor {
  readonly namespace: string;
  readonly team: string;
  /** UID of the Workflow. */
  readonly run: string;
}

/** What is proven, each with a key of its own. */
export type Purpose = 'question' | 'answer' | 'totals';

/** The key for one purpose, run and agent, from that of the namespace. */
export function keyFor(
  key: string,
  purpose: Purpose,
  { namespace, team, run }: ProvenFor,
  agent = '',
): Buffer {
  // As JSON, so that no two contexts have the same bytes.
  const context = JSON.stringify(['agentteam-figures-v1', purpose, namespace, team, run, agent]);
  return createHmac('sha256', key).update(context).digest();
}
