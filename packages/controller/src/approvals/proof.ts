import { createHash, createHmac } from 'node:crypto';
import { isRestricted } from '@agentteam/contract';
import type { KubeObject } from '../kube/objects.ts';
import type { Gate } from './votes.ts';

/**
 * What opens one gate of one team that runs one spec. Nobody can make it who does not have the
 * installation's key, and what opens this gate opens no other.
 */
export function proofOf(key: Buffer, team: KubeObject, spec: string, event: string): string {
  const { namespace, name, uid } = team.metadata;
  const about = JSON.stringify([namespace, name, uid, spec, event]);
  return createHmac('sha256', key).update(about).digest('hex');
}

/** What a Workflow carries of a proof: it can be checked with this, and not be made from it. */
export function hashOf(proof: string): string {
  return createHash('sha256').update(proof).digest('hex');
}

/** For the compiler: by event, the hash of what opens each restricted gate. */
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
