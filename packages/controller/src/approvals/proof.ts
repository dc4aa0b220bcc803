import { createHash, createHmac } from 'node:crypto';
import { isRestricted } from '@agentteam/contract';
import type { KubeObject } from '../kube/objects.ts';
import type { Gate } from './votes.ts';

/**
 * The proof that opens one gate of one team for one spec. Only the installation's key can make it, and it
 * opens no other gate.
 */
export function proofOf(key: Buffer, team: KubeObject, spec: string, event: string): string {
  const { namespace, name, uid } = team.metadata;
  const about = JSON.stringify([namespace, name, uid, spec, event]);
  return createHmac('sha256', key).update(about).digest('hex');
}

/** The hash in a Workflow with which Argo verifies a proof. The proof cannot be derived from it. */
export function hashOf(proof: string): string {
  return createHash('sha256').update(proof).digest('hex');
}

/**
 * The proof that the controller created a claim for a team. Anybody who may write claims can name the team as the
 * owner of one, and nobody else has seen the proof before the controller has created its own.
 */
export function proofOfClaim(key: Buffer, team: KubeObject, claim: string): string {
  const { namespace, uid } = team.metadata;
  return createHmac('sha256', key)
    .update(JSON.stringify(['claim', namespace, uid, claim]))
    .digest('hex');
}

/** The compiler's input: the hash of the proof of each restricted gate, by event. */
export function proofHashes(
  key: Buffer,
  team: KubeObject,
  spec: string,
  gates: readonly Gate[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    gates.filter(isRestricted).map(({ event }) => [event, hashOf(proofOf(key, team, spec, event))]),
  );
}
