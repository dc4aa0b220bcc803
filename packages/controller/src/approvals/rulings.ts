import {
  ANNOTATIONS,
  DELIVER_EVENT,
  delivers,
  isRestricted,
  parseDuration,
} from '@agentteam/contract';
import type { Ruling, Rulings } from '@agentteam/status';
import type { CachedWorkflow } from '../argo/cached-workflow.ts';
import type { CachedTeam } from '../reconcile/cached-resource.ts';
import { proofOf } from './proof.ts';
import { specHash } from './spec-hash.ts';
import { subjectOf, tally, voidedVotes, votesOf } from './votes.ts';

/** Hash of the spec from which a team's Workflow was compiled. */
export function specOfRun(team: CachedTeam, workflow: CachedWorkflow | undefined): string {
  // Workflows of earlier versions do not have the annotation.
  return workflow?.metadata.annotations?.[ANNOTATIONS.spec] ?? specHash(team.spec);
}

/** How many earlier specs of a run to remember. */
const MAX_EARLIER = 16;

/** Hashes of the specs that a run had before it was retried with a changed spec. */
export function earlierSpecs({ metadata }: Pick<CachedWorkflow, 'metadata'>): readonly string[] {
  return latestHashes(metadata.annotations?.[ANNOTATIONS.earlierSpecs]?.split(' ') ?? []);
}

/**
 * The latest of some hashes. Other texts are dropped, because anyone who may patch the Workflow can write its
 * annotations. The number is limited, because the API server limits the size of annotations.
 */
export function latestHashes(hashes: readonly string[]): readonly string[] {
  return hashes.filter((hash) => /^[0-9a-f]{64}$/.test(hash)).slice(-MAX_EARLIER);
}

/** What the controller knows of each gate that only it can open. */
export function rulingsOf(team: CachedTeam, workflow: CachedWorkflow, key: Buffer): Rulings {
  const { lifecycle } = team.spec;
  const { approvalGates = [], approvalTimeout } = lifecycle;
  const gates = approvalGates.filter(
    (gate) =>
      isRestricted(gate) &&
      (gate.event !== DELIVER_EVENT ||
        delivers(lifecycle.onComplete) ||
        Object.hasOwn(workflow.guards, DELIVER_EVENT)),
  );
  // Most teams have no such gate, and hashing a long spec is slow.
  if (gates.length === 0) return {};
  const { annotations = {} } = team.metadata;
  const timeoutSeconds = approvalTimeout && parseDuration(approvalTimeout);
  const spec = specOfRun(team, workflow);
  const subject = subjectOf(annotations, spec);
  // If the spec has changed, only the gates that the Workflow has are those of the run.
  const isUnchanged = specHash(team.spec) === spec;
  const restricted = gates.filter(
    ({ event }) => isUnchanged || Object.hasOwn(workflow.guards, event),
  );
  return Object.fromEntries(
    restricted.map((gate): [string, Ruling] => {
      const { event } = gate;
      const answer = tally(gate, votesOf(annotations, event), subject);
      return [
        event,
        {
          proof: proofOf(key, team, spec, event),
          earlier: earlierSpecs(workflow).map((one) => proofOf(key, team, one, event)),
          voided: voidedVotes(annotations, event, spec),
          ...(answer !== undefined && { answer }),
          // A changed time limit does not apply to the run.
          ...(isUnchanged && timeoutSeconds && { timeoutSeconds }),
        },
      ];
    }),
  );
}
